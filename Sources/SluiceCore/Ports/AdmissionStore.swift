/// Where calls are counted: PostgreSQL, or memory for tests and for deciding alone in an outage.
///
/// Every store passes the same contract suite.
public protocol AdmissionStore: Sendable {
    /// Decides a batch in one transaction, as some serial order of its calls would.
    ///
    /// - Parameters:
    ///   - calls: at least one; several calls of one user are allowed, and several with one supplied id.
    ///   - waitingForLocks: whether to wait for a user whose lock another transaction holds. If not, that user's calls fail as
    ///     ``StoreError/Kind/contended`` at once, and nobody else is held up.
    ///   - deadline: when it passes, the store gives up and cancels the work on the server. It may have committed by then.
    /// - Returns: one result per call, in the order of `calls`. A failure among them is that call's alone (its user's lock was
    ///   not granted, say): nothing was written for it, and the others are decided.
    /// - Throws: ``StoreError`` when no call of the batch was decided, as far as the store knows.
    func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>]

    /// Looks at a user's windows and consumes nothing.
    func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek

    /// Asks whether the store can decide: the probe of a breaker that is half open, and of readiness.
    func probe(deadline: ContinuousClock.Instant) async throws(StoreError)
}

extension AdmissionStore {
    /// Decides a batch, waiting for users who are busy.
    public func admit(
        _ calls: [Call], under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        try await admit(calls, under: policy, waitingForLocks: true, deadline: deadline)
    }
}
