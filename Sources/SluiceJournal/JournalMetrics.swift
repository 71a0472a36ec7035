public import SluiceCore

/// What a ``Journal`` tells whoever counts. Called from its own threads and, for losses, by the callers: implementations are
/// quick and do not block.
public protocol JournalMetrics: Sendable {
    /// `count` calls and settlements were written down, and their callers will be told; writing and syncing took `duration`.
    func recorded(_ count: Int, syncDuration duration: Duration)
    /// `count` callers were told ``RecordOutcome/lost``. After ``JournalTrouble/stuck`` the records may yet be written. With
    /// ``JournalTrouble/vanished`` the callers were told ``RecordOutcome/recorded``, and what they were told holds no longer.
    func lost(_ count: Int, reason: JournalTrouble)
    /// `count` callers were told ``RecordOutcome/refused(_:)``.
    func refused(_ count: Int, reason: JournalTrouble)
    /// The disk failed after it worked; told once until it works again.
    func writeFailed(_ reason: String)
    /// The ledger answered for a batch.
    func replayed(_ counts: ReplayCounts, duration: Duration)
    /// The ledger could not take a batch; it will be brought again.
    func replayFailed(_ error: StoreError)
    /// A segment could not be taken over, read back or removed; tried again later.
    func segmentFailed(_ segment: String, reason: String)
    /// A segment is kept and no longer touched.
    func setAside(segment: String, reason: String)
    /// The segment that was being written is not in the directory any more, with `records` in it, which are told as
    /// ``lost(_:reason:)`` too. The journal goes on in a fresh one.
    func segmentVanished(_ segment: String, records: Int)
    /// A segment ended in a record that was never completed: `bytes` were cut.
    func tailCut(segment: String, bytes: Int)
}

extension JournalMetrics {
    public func recorded(_ count: Int, syncDuration duration: Duration) {}
    public func lost(_ count: Int, reason: JournalTrouble) {}
    public func refused(_ count: Int, reason: JournalTrouble) {}
    public func writeFailed(_ reason: String) {}
    public func replayed(_ counts: ReplayCounts, duration: Duration) {}
    public func replayFailed(_ error: StoreError) {}
    public func segmentFailed(_ segment: String, reason: String) {}
    public func setAside(segment: String, reason: String) {}
    public func segmentVanished(_ segment: String, records: Int) {}
    public func tailCut(segment: String, bytes: Int) {}
}

/// Nobody counts.
public struct NoJournalMetrics: JournalMetrics {
    public init() {}
}
