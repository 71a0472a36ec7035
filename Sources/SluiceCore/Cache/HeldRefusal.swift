import Synchronization

/// A refusal that stays true for a while. Whoever has it may answer with it until it is withdrawn.
final class HeldRefusal: Sendable {
    let refusal: Refusal
    let weight: Int64
    /// Before the question went out.
    let askedAt: ContinuousClock.Instant
    let answeredAt: ContinuousClock.Instant
    let expiry: ContinuousClock.Instant
    private let isWithdrawn = Atomic(false)

    init(
        _ refusal: Refusal, weight: Int64, askedAt: ContinuousClock.Instant, answeredAt: ContinuousClock.Instant,
        expiry: ContinuousClock.Instant
    ) {
        self.refusal = refusal
        self.weight = weight
        self.askedAt = askedAt
        self.answeredAt = answeredAt
        self.expiry = expiry
    }

    /// Something may be admitted that makes the wait longer. Nobody who asks from now on gets this for an answer.
    func withdraw() {
        isWithdrawn.store(true, ordering: .releasing)
    }

    /// Whether it is what a call of this weight would be told, under the refusal's policy.
    func holds(for weight: Int64, at now: ContinuousClock.Instant) -> Bool {
        self.weight == max(1, weight) && now < expiry && !isWithdrawn.load(ordering: .acquiring)
    }

    /// The refusal as of `now`: the end of the wait stays, the wait shrinks.
    ///
    /// It shrinks from the answer on, which came after the decision: whoever waits that long does not come too soon.
    func refusal(at now: ContinuousClock.Instant, policy: Policy, windows: [WindowState]) -> Refusal {
        let elapsed = max(.zero, answeredAt.duration(to: now))
        return Refusal(
            decidedAt: refusal.decidedAt.advanced(by: elapsed), retryAt: refusal.retryAt, policy: policy,
            windows: windows)
    }
}
