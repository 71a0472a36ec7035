/// What the settlement of calls tells whoever counts. Called on the path itself: implementations are quick and do not block.
public protocol SettlementMetrics: Sendable {
    /// A settlement came to its end.
    func ended(_ end: SettlementEnd, of settlement: Settlement)
    /// The ledger answered for a batch, or failed with `error`.
    func batchAnswered(settlements: Int, after duration: Duration, error: StoreError?)
}

extension SettlementMetrics {
    public func ended(_ end: SettlementEnd, of settlement: Settlement) {}
    public func batchAnswered(settlements: Int, after duration: Duration, error: StoreError?) {}
}

extension NoMetrics: SettlementMetrics {}

/// How a settlement ended.
public enum SettlementEnd: Hashable, Sendable {
    /// In the ledger, with the cost in nano-USD where a price is known.
    case settled(cost: Int64?)
    /// In the ledger as the difference to figures that count less, as of a call that had expired.
    case corrected(cost: Int64?)
    /// The ledger held it.
    case known
    /// No such call.
    case noCall
    /// In the journal.
    case journaled
    /// Neither ledger nor journal took it.
    case failed
}
