extension BatcherMachine.Batch {
    /// Whether a call may go along with those that the batch holds.
    func takes(_ entry: BatcherMachine.Entry) -> Bool {
        guard entry.policy == policy, waitsForLock || entry.goesPromptly else { return false }
        return entries.first.map { !$0.isAlone && !entry.isAlone } ?? true
    }

    /// The call as it goes again after `error`; `nil` if it does not.
    ///
    /// Only after a failure that leaves nothing written, so that trying again counts nothing twice, and while there is time:
    /// - a busy user's call, until he is not;
    /// - any call, until the ledger itself is not locked;
    /// - a call that was rejected together with others, alone: only one of them may be to blame;
    /// - a call for whose day there was no partition, once: the next attempt may find it made.
    func retry(
        of entry: BatcherMachine.Entry, after error: StoreError, at now: BatcherMachine.Instant
    ) -> BatcherMachine.Entry? {
        guard now < entry.deadline else { return nil }
        var entry = entry
        switch error.kind {
        case .contended:
            entry.attempts += 1
        case .locked:
            break
        case .rejected where entries.count > 1:
            entry.isAlone = true
        case .missingPartition where !entry.missedPartition:
            entry.missedPartition = true
        case .unavailable, .deadlineExceeded, .schema, .missingPartition, .rejected, .unrecorded, .closed:
            return nil
        }
        return entry
    }
}
