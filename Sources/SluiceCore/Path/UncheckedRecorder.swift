/// Writes down every call that was let through without the ledger's word, so that it gets its row later: a journal.
public protocol UncheckedRecorder: Sendable {
    /// Called before the caller is answered, and not for calls that only look. `cause` is why the ledger could not decide.
    func record(_ call: UncheckedCall, cause: StoreError) async -> RecordOutcome
}

/// What became of a call that was to be written down.
public enum RecordOutcome: Hashable, Sendable {
    /// It will get its row.
    case recorded
    /// It may go through but will get no row; whoever writes down has counted it and said so.
    case lost
    /// It cannot be written down and must not go through without.
    case refused(StoreError)
}

/// Such calls are not written down.
public struct NoRecorder: UncheckedRecorder {
    public init() {}

    public func record(_ call: UncheckedCall, cause: StoreError) async -> RecordOutcome { .lost }
}
