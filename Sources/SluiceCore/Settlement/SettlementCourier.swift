/// Asks the ledger to take settlements, in time, and finds those that it never takes.
struct SettlementCourier: Sendable {
    let ledger: any SettlementLedger
    let replica: String?
    let metrics: any SettlementMetrics

    /// What became of each. A rejected batch is halved until those are found that are to blame.
    func bring(
        _ settlements: ArraySlice<Settlement>, by deadline: ContinuousClock.Instant
    ) async -> [Result<SettlementOutcome, StoreError>] {
        let start = ContinuousClock.now
        let answer = await ask(settlements, by: deadline)
        let error: StoreError? = if case .failure(let error) = answer { error } else { nil }
        metrics.batchAnswered(settlements: settlements.count, after: start.duration(to: .now), error: error)
        switch answer {
        case .success(let outcomes): return outcomes.map { .success($0) }
        case .failure(let error) where error.kind == .rejected && settlements.count > 1:
            let middle = settlements.startIndex + settlements.count / 2
            return await bring(settlements[..<middle], by: deadline) + bring(settlements[middle...], by: deadline)
        case .failure(let error): return settlements.map { _ in .failure(error) }
        }
    }

    private func ask(
        _ settlements: ArraySlice<Settlement>, by deadline: ContinuousClock.Instant
    ) async -> Result<[SettlementOutcome], StoreError> {
        await punctual(by: deadline) { [ledger, replica] () async throws(StoreError) in
            let outcomes = try await ledger.settle(Array(settlements), replica: replica, deadline: deadline)
            guard outcomes.count == settlements.count else {
                throw StoreError(
                    .schema, "the ledger answered for \(outcomes.count) of \(settlements.count) settlements")
            }
            return outcomes
        }
    }
}
