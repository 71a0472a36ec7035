import Postgres
public import SluiceCore

extension PostgresStore: UncheckedLedger {
    public func record(
        _ calls: [UncheckedCall], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [UncheckedOutcome] {
        guard !calls.isEmpty else { return [] }
        var outcomes = [UncheckedOutcome?](repeating: nil, count: calls.count)
        for row in try await run(RecordUnchecked(calls: calls, replica: replica), deadline)
        where calls.indices.contains(row.position) {
            outcomes[row.position] = row.outcome
        }
        let known = outcomes.compactMap(\.self)
        guard known.count == calls.count else { throw .incomplete }
        return known
    }

    /// Reads the clock of every decision.
    public func clock(deadline: ContinuousClock.Instant) async throws(StoreError) -> Timestamp {
        guard let time = try await run(ReadClock(), deadline).first else { throw .incomplete }
        return time
    }
}
