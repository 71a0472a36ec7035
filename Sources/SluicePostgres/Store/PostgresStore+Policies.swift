import Postgres
public import SluiceCore

extension PostgresStore {
    /// Writes down what this replica's configuration enforces, for auditors; the database does not decide by it.
    ///
    /// - Returns: whether it is not what was written down last.
    @discardableResult
    public func noteDefaultPolicy(
        _ policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Bool {
        try await run(NoteDefaultPolicy(policy: policy, replica: replica), deadline).first ?? false
    }
}
