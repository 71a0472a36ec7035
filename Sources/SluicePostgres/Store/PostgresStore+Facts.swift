import Postgres
public import SluiceCore

extension PostgresStore: UserFactSource {
    public func facts(of user: UserID, deadline: ContinuousClock.Instant) async throws(StoreError) -> UserFacts {
        guard let facts = try await run(ReadUserFacts(user: user), deadline).first else { throw .incomplete }
        return facts
    }
}

extension PostgresStore: RefusalLedger {
    public func record(
        _ refusals: [RefusalCount], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) {
        guard !refusals.isEmpty else { return }
        _ = try await run(RecordRefusals(refusals: refusals, replica: replica), deadline)
    }
}
