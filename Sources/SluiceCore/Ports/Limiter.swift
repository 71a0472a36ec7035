/// Decides whether a user's call may go through.
///
/// The parts of the path each wrap the next: ``RefusalCounter`` → ``RefusalCache`` → ``BreakerGuard`` → ``Batcher`` →
/// ``AdmissionStore``.
public protocol Limiter: Sendable {
    /// Decides one call. When it returns an enforced admission, the call's row is committed.
    ///
    /// - Throws: ``LimiterError`` when the policy says `closed` and the database cannot decide, or after shutdown.
    ///
    /// Runs where its caller does: a call goes through several limiters, and each change of executors would cost as much as the
    /// limiter itself.
    nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision

    /// Refuses a call that brings no id of its caller's, where it is known at hand that ``admit(_:under:)`` would. `nil` says
    /// nothing.
    ///
    /// Counts as an answer, and costs less than one: there is nothing to wait for, and no id to be made.
    ///
    /// - Parameter weight: one that a ``Call`` may have.
    func refuse(_ user: UserID, weight: Int64, under policy: Policy) -> Refusal?

    /// Looks at a user's windows and consumes nothing. Never fails open: without the database there is nothing to see.
    func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek
}

extension Limiter {
    public func refuse(_ user: UserID, weight: Int64, under policy: Policy) -> Refusal? { nil }
}
