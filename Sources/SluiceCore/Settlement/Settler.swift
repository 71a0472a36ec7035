/// Takes down what calls have taken.
public protocol Settler: Sendable {
    /// Returns when the settlement is in the ledger or, in an outage, where it will not be lost.
    ///
    /// - Throws: ``LimiterError`` when neither took it.
    func settle(_ settlement: Settlement) async throws(LimiterError) -> SettlementReceipt
}

/// What became of a settlement.
public enum SettlementReceipt: Hashable, Sendable {
    /// In the ledger; with the cost in nano-USD, where a price is known and it was this settlement that brought the row.
    case settled(cost: Int64?)
    /// The ledger held it already.
    case known
    /// In the journal: it gets to the ledger when the database is back.
    case journaled
    /// There is no call of that user with that id.
    case noCall
}
