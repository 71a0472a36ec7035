public import SluiceCore

/// A partition of one of the ledger's tables, or a table that was one.
public struct LedgerPartition: Hashable, Sendable {
    public enum State: String, Sendable {
        case attached
        /// Its detachment is under way.
        case leaving
        /// Kept, and no part of the ledger any more.
        case detached
        /// The same, and dropped when it is written to a file.
        case exporting
        /// A word of a newer schema.
        case unknown
    }

    /// The table of the ledger, such as `calls`.
    public let parent: String
    public let name: String
    public let startsAt: Timestamp
    /// It holds rows from before this.
    public let endsAt: Timestamp
    public let state: State
    /// As last estimated by ANALYZE; `nil` where that never ran.
    public let estimatedRows: Int64?
    /// On disk, without indexes.
    public let tableBytes: Int64
    public let indexBytes: Int64
    /// Whether nothing else needs its rows where they are: a day that is not sealed yet stays.
    public let mayRetire: Bool
}
