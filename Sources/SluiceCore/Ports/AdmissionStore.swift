/// Where calls are counted: PostgreSQL, or memory for tests and for deciding alone in an outage.
///
/// Every store passes the same contract suite.
public protocol AdmissionStore: Sendable {
    /// Decides a batch in one transaction, as some serial order of its calls would.
    ///
    /// - Parameters:
    ///   - calls: at least one; several calls of one user are allowed, and several with one supplied id.
    ///   - deadline: when it passes, the store gives up and cancels the work on the server. It may have committed by then.
    /// - Returns: one decision per call, in the order of `calls`.
    func admit(
        _ calls: [Call], under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Decision]

    /// Looks at a user's windows and consumes nothing.
    func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek

    /// Asks whether the store can decide: the probe of a breaker that is half open, and of readiness.
    func probe(deadline: ContinuousClock.Instant) async throws(StoreError)
}
