/// Takes in calls that were let through without it, each exactly once by its call id.
public protocol UncheckedLedger: Sendable {
    /// Adds the rows that are missing, in one transaction.
    ///
    /// - Parameters:
    ///   - calls: 1 … 1,000, of any users. Several with one id are one call.
    ///   - replica: who let them through, for the ledger.
    /// - Returns: one outcome per call, in the order of `calls`.
    /// - Throws: ``StoreError`` when nothing was added, as far as the ledger knows: asking again is safe. Of kind
    ///   ``StoreError/Kind/rejected`` when one of the calls is one that the ledger never takes; asking for each alone tells
    ///   which.
    func record(
        _ calls: [UncheckedCall], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [UncheckedOutcome]
}

/// What became of a call that was brought to an ``UncheckedLedger``.
public enum UncheckedOutcome: String, Hashable, Sendable, CaseIterable {
    /// Its row was added.
    case recorded
    /// The ledger held it already.
    case known
    /// Another transaction holds its user's lock; to be brought again.
    case busy
}
