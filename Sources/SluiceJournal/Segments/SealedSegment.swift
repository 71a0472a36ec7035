import SluiceCore

/// A segment to which nothing is added any more, locked by this journal, on its way into the ledger.
struct SealedSegment: Sendable {
    let name: SegmentName
    let file: any JournalFile
    let replica: String?
    /// How much of the file holds records that count.
    let bytes: Int
    /// What waits, and is not yet known to be in the ledger.
    var records: Int
    let oldest: Timestamp?
    /// Something in it cannot be read: it is set aside in the end, not deleted.
    var harm: SegmentDamage?
    var progress = ReplayProgress()
}

/// How far the replay of a segment has come. It need not outlive the process: replaying a record again adds nothing.
struct ReplayProgress: Sendable {
    /// Up to where every record is in the ledger or among ``again`` or ``rejected``.
    var offset = 0
    /// Offsets of records that are to be brought once more.
    var again: [Int] = []
    /// Offsets of records that the ledger never takes, to be set aside.
    var rejected: [Int] = []
    /// Offsets of settlements whose call the ledger did not hold when they were brought.
    var withoutCall: Set<Int> = []
}
