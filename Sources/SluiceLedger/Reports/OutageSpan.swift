public import SluiceCore

/// A time in which one replica let calls through unchecked.
public struct OutageSpan: Hashable, Sendable {
    /// `nil` where the ledger knows none.
    public let replica: String?
    public let first: Timestamp
    public let last: Timestamp
    public let calls: Int64
    public let users: Int64
    public let weight: Int64
}
