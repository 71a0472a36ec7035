public import SluiceCore

/// What one file of a journal's directory holds.
public struct SegmentReport: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// A running process writes or replays it.
        case held
        /// Nobody holds it: the next journal that opens the directory takes it over.
        case waiting
        /// Kept for a person, since something in it cannot be read.
        case corrupt
        /// Kept for a person, since it holds records of a type that the process which read it did not know.
        case unknown
        /// Kept for a person: the ledger never takes these calls or settlements.
        case rejected
        /// The process that made it died before it wrote a record; the next journal removes it.
        case unfinished
    }

    /// The file's name.
    public let name: String
    public let state: State
    public let bytes: Int
    /// `nil` when the header cannot be read, as are the next two.
    public let version: UInt16?
    /// By the writer's wall clock.
    public let createdAt: Timestamp?
    /// Who let the calls through, as far as the writer was told.
    public let replica: String?
    /// Records that can be read.
    public let records: Int
    /// How many of them are settlements of calls, not calls.
    public let settlements: Int
    /// The earliest and the latest time of a call or a settlement.
    public let first: Timestamp?
    public let last: Timestamp?
    /// What is wrong, by offset. A segment that is held may end in a record that is being written: that is no damage.
    public let damage: [SegmentDamage]
}
