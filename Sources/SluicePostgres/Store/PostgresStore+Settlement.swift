import Postgres
public import SluiceCore

extension PostgresStore: SettlementLedger {
    public func settle(
        _ settlements: [Settlement], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [SettlementOutcome] {
        guard !settlements.isEmpty else { return [] }
        var outcomes = [SettlementOutcome?](repeating: nil, count: settlements.count)
        for row in try await run(SettleMany(settlements: settlements, replica: replica), deadline)
        where settlements.indices.contains(row.position) {
            outcomes[row.position] = row.outcome
        }
        let known = outcomes.compactMap(\.self)
        guard known.count == settlements.count else { throw .incomplete }
        return known
    }

    /// Settles calls that nobody settled within `lease` of their admission, by what was set aside for them.
    ///
    /// - Parameter most: `1 … 10,000`; oldest first.
    /// - Returns: how many; `most` when there may be more.
    public func expireCalls(
        lease: Duration, atMost most: Int = 1_000, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Int {
        let statement = ExpireCalls(lease: lease, most: most, replica: replica)
        guard let count = try await run(statement, deadline).first else { throw .incomplete }
        return count
    }
}

extension PostgresStore: PriceSource {
    public func prices(deadline: ContinuousClock.Instant) async throws(StoreError) -> [ModelPrice] {
        try await run(CurrentPrices(), deadline)
    }

    /// Sets what a model costs from now on; the prices before stay with what was settled by them.
    ///
    /// - Returns: the price's id.
    /// - Throws: of kind ``StoreError/Kind/rejected`` for a name or a price that is out of range.
    @discardableResult
    public func setPrice(_ price: NewPrice, deadline: ContinuousClock.Instant) async throws(StoreError) -> Int32 {
        guard let id = try await run(SetPrice(price: price), deadline).first else { throw .incomplete }
        return id
    }
}
