/// Takes in what calls have taken, each call exactly once by its id.
public protocol SettlementLedger: Sendable {
    /// Adds the rows that are missing, in one transaction.
    ///
    /// - Parameters:
    ///   - settlements: 1 … 1,000, of any users. Several of one call are one: the first.
    ///   - replica: who settles, for the ledger.
    /// - Returns: one outcome per settlement, in their order.
    /// - Throws: ``StoreError`` when nothing was added, as far as the ledger knows: asking again is safe. Of kind
    ///   ``StoreError/Kind/rejected`` when one of them is one that the ledger never takes.
    func settle(
        _ settlements: [Settlement], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [SettlementOutcome]
}

/// What became of a settlement that was brought to a ``SettlementLedger``.
public enum SettlementOutcome: Hashable, Sendable {
    /// Its row was added; with the cost in nano-USD, where a price is known.
    case settled(cost: Int64?)
    /// Figures that count less were there, as of a call that had expired: a row with the difference was added, so that the sum of
    /// its rows is right. ``Settlement/Basis``
    case corrected(cost: Int64?)
    /// The ledger held it already.
    case known
    /// Another transaction holds the lock on the user's settlements; to be brought again.
    case busy
    /// There is no call of that user with that id. Only where ``Settlement/admittedAt`` is not known.
    case noCall
}
