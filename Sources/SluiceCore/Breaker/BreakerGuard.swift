/// Answers calls that the database cannot decide, as their policy says, and stops asking a database that does not answer.
///
/// - `open`: the call is let through, unchecked.
/// - `bounded`: a window in this replica's memory decides, which has counted every call of such policies that this replica admitted.
/// - `closed`: the caller learns that the limiter is unavailable.
///
/// While the breaker is not closed, this happens at once. Looking at a window never fails open.
public final class BreakerGuard: Limiter {
    private let next: any Limiter
    private let breaker: CircuitBreaker
    private let memory: MemoryStore
    private let wallClock: @Sendable () -> Timestamp
    private let recorder: any UncheckedRecorder
    private let metrics: any PathMetrics

    /// - Parameters:
    ///   - next: answers in time, whatever the database does, and tells the breaker how the database did: a ``Batcher``.
    ///   - maximumLocalRows: calls remembered for `bounded` policies; about 100 bytes each.
    ///   - wallClock: the replica's, for calls that no database has seen.
    public init(
        _ next: any Limiter, breaker: CircuitBreaker, maximumLocalRows: Int = 1_000_000,
        wallClock: @escaping @Sendable () -> Timestamp, recorder: any UncheckedRecorder = NoRecorder(),
        metrics: any PathMetrics = NoMetrics()
    ) {
        self.next = next
        self.breaker = breaker
        memory = MemoryStore(settings: .init(idMemory: .zero, maximumRows: maximumLocalRows), clock: wallClock)
        self.wallClock = wallClock
        self.recorder = recorder
        self.metrics = metrics
    }

    public func admit(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
        let start = ContinuousClock.now
        do throws(LimiterError) {
            let decision = try await decide(call, under: policy)
            metrics.decided(PathOutcome(decision), under: policy, after: start.duration(to: .now))
            return decision
        } catch {
            metrics.decided(
                error == .cancelled ? .cancelled : .unavailable, under: policy, after: start.duration(to: .now))
            throw error
        }
    }

    public func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        if let cause = breaker.refusal { throw .unavailable(cause, retryAfter: breaker.retryAfter) }
        return try await next.peek(user, weight: weight, under: policy)
    }

    private func decide(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
        if let cause = breaker.refusal { return try await decideAlone(call, under: policy, cause) }
        do throws(LimiterError) {
            let decision = try await next.admit(call, under: policy)
            note(decision, of: call, under: policy)
            return decision
        } catch {
            guard case .unavailable(let cause, _) = error, cause.kind != .closed else { throw error }
            return try await decideAlone(call, under: policy, cause)
        }
    }

    /// Keeps the replica's own window warm.
    private func note(_ decision: Decision, of call: Call, under policy: Policy) {
        guard policy.onOutage == .bounded, call.weight > 0, case .admitted(let admission) = decision,
            !admission.isReplay
        else { return }
        memory.note(call, under: policy)
    }

    private func decideAlone(
        _ call: Call, under policy: Policy, _ cause: StoreError
    ) async throws(LimiterError) -> Decision {
        switch policy.onOutage {
        case .closed: throw .unavailable(cause, retryAfter: breaker.retryAfter)
        case .open: return await letThrough(call, at: wallClock(), under: policy, cause)
        case .bounded:
            switch memory.decide([call], under: policy).first {
            case .admitted(let admission) where admission.isReplay:
                return .admitted(admission.unchecked)
            case .admitted(let admission):
                return await letThrough(call, at: admission.admittedAt, under: policy, cause)
            case .refused(let refusal): return .refused(refusal.local)
            case .neverFits(let never): return .neverFits(never)
            case nil: throw .unavailable(cause, retryAfter: breaker.retryAfter)
            }
        }
    }

    private func letThrough(
        _ call: Call, at time: Timestamp, under policy: Policy, _ cause: StoreError
    ) async -> Decision {
        if call.weight > 0 {
            await recorder.admittedUnchecked(call, at: time, policy: policy, cause: cause)
        }
        return .admitted(
            Admission(callID: call.id, admittedAt: time, mode: .unchecked, policy: policy, windows: []))
    }
}

extension Admission {
    /// The same answer without the ledger's word for it.
    fileprivate var unchecked: Admission {
        Admission(
            callID: callID, admittedAt: admittedAt, mode: .unchecked, policy: policy, windows: [], isReplay: isReplay)
    }
}

extension Refusal {
    /// The same answer by the replica's own window.
    fileprivate var local: Refusal {
        Refusal(decidedAt: decidedAt, retryAt: retryAt, policy: policy, windows: windows, isLocal: true)
    }
}
