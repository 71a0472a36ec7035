public import SluiceCore

/// What a ``Journal`` holds and how it is.
public struct JournalStatus: Hashable, Sendable {
    /// Calls and settlements that wait for their rows, in the segments that this journal holds; not those of ``left``.
    public var records: Int
    /// Of the segments that hold them.
    public var bytes: Int64
    /// When the oldest of the waiting calls was let through or settled, exact to a segment; `nil` if none waits.
    public var oldest: Timestamp?
    /// Callers told that their call will get no row, and calls in segments that vanished, since this journal was opened.
    public var lost: Int64
    /// Segments in the directory that are kept for a person to look at.
    public var setAside: Int
    /// Segments that this journal may yet take over: it holds enough already, or could not open them. As of the last look at
    /// the directory, and at most: some may be held by others.
    public var left: Int
    /// Why calls cannot be written down right now; `nil` when they can.
    public var trouble: JournalTrouble?
    /// What the disk said last while ``trouble`` is ``JournalTrouble/failing``.
    public var failure: String?

    public init(
        records: Int = 0, bytes: Int64 = 0, oldest: Timestamp? = nil, lost: Int64 = 0, setAside: Int = 0,
        left: Int = 0, trouble: JournalTrouble? = nil, failure: String? = nil
    ) {
        self.records = records
        self.bytes = bytes
        self.oldest = oldest
        self.lost = lost
        self.setAside = setAside
        self.left = left
        self.trouble = trouble
        self.failure = failure
    }
}

/// Why a call could not be written down, or kept.
public enum JournalTrouble: String, Hashable, Sendable, CaseIterable {
    /// ``JournalSettings/maximumBytes`` are waiting.
    case full
    /// The disk is full, read-only or broken.
    case failing
    /// The disk does not answer.
    case stuck
    /// The journal was closed.
    case closed
    /// The segment was deleted or moved away under the journal. Its calls get their rows only if this process brings them to
    /// the ledger before it ends.
    case vanished
}
