/// Answers calls that the database cannot decide, as their policy says, and stops asking a database that does not answer.
///
/// - `open`: the call is let through, unchecked.
/// - `bounded`: a window in this replica's memory decides, which has counted every call of such policies that this replica admitted.
/// - `closed`: the caller learns that the limiter is unavailable.
///
/// While the breaker is not closed, this happens at once. Every call that is let through is written down before its caller is
/// answered. A call that the ledger would never take is not let through, for it could not get its row. Looking at a window never
/// fails open.
public final class BreakerGuard: Limiter {
    private let next: any Limiter
    private let breaker: CircuitBreaker
    private let memory: MemoryStore
    private let clock: LedgerClock
    private let recorder: any UncheckedRecorder
    private let metrics: any PathMetrics

    /// - Parameters:
    ///   - next: answers in time, whatever the database does, and tells the breaker how the database did: a ``Batcher``.
    ///   - maximumLocalRows: calls remembered for `bounded` policies; about 100 bytes each.
    ///   - clock: tells the times of calls that no database has seen.
    public init(
        _ next: any Limiter, breaker: CircuitBreaker, maximumLocalRows: Int = 1_000_000,
        clock: LedgerClock, recorder: any UncheckedRecorder = NoRecorder(),
        metrics: any PathMetrics = NoMetrics()
    ) {
        self.next = next
        self.breaker = breaker
        memory = MemoryStore(settings: .init(idMemory: .zero, maximumRows: maximumLocalRows)) { clock.now().time }
        self.clock = clock
        self.recorder = recorder
        self.metrics = metrics
    }

    public nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision {
        let start = ContinuousClock.now
        do throws(LimiterError) {
            let decision = try await decide(call, under: policy, since: start)
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

    private nonisolated(nonsending) func decide(
        _ call: Call, under policy: Policy, since start: ContinuousClock.Instant
    ) async throws(LimiterError) -> Decision {
        if let cause = breaker.refusal {
            return try await decideAlone(call, under: policy, Doubt(cause: cause, mayExistSince: nil))
        }
        do throws(LimiterError) {
            let decision = try await next.admit(call, under: policy)
            note(decision, of: call, under: policy)
            return decision
        } catch {
            guard case .unavailable(let cause, _) = error, cause.kind != .closed else { throw error }
            guard cause.kind != .rejected else { throw .unavailable(cause, retryAfter: nil) }
            let since = cause.leavesNothingWritten || call.isIDSupplied ? nil : mayExistSince(start)
            return try await decideAlone(call, under: policy, Doubt(cause: cause, mayExistSince: since))
        }
    }

    /// No row of a call that arrived at `start` can be older than this, by the ledger: some way back from the arrival, since the
    /// clock that stamps the row may be another server's or be set back; further when our own was never compared to it.
    private func mayExistSince(_ start: ContinuousClock.Instant) -> Timestamp {
        let reading = clock.now()
        let slack: Duration = reading.isSynchronized ? .seconds(3_600) : .seconds(25 * 3_600)
        return reading.time.advanced(by: .zero - start.duration(to: .now) - slack)
    }

    /// Keeps the replica's own window warm.
    private func note(_ decision: Decision, of call: Call, under policy: Policy) {
        guard policy.onOutage == .bounded, call.weight > 0, case .admitted(let admission) = decision,
            !admission.isReplay
        else { return }
        memory.note(call, under: policy)
    }

    /// A call that is let through here and then refused by the recorder stays counted in the replica's own window: the caller who
    /// tries again is held to fewer calls than allowed, never to more.
    private nonisolated(nonsending) func decideAlone(
        _ call: Call, under policy: Policy, _ doubt: Doubt
    ) async throws(LimiterError) -> Decision {
        // That takes no ledger to know; what the windows hold is not known.
        if policy.onOutage == .open, !policy.everFits(max(1, call.weight)) {
            let windows = policy.windows.map { WindowState(window: $0, used: 0, resetAt: nil) }
            return .neverFits(
                NeverFits(decidedAt: clock.now().time, weight: call.weight, policy: policy, windows: windows))
        }
        switch policy.onOutage {
        case .closed: throw .unavailable(doubt.cause, retryAfter: breaker.retryAfter)
        case .open: return try await letThrough(call, at: clock.now().time, under: policy, doubt)
        case .bounded:
            switch memory.decide([call], under: policy).first {
            case .admitted(let admission) where admission.isReplay:
                return .admitted(admission.unchecked)
            case .admitted(let admission):
                return try await letThrough(call, at: admission.admittedAt, under: policy, doubt)
            case .refused(let refusal): return .refused(refusal.local)
            case .neverFits(let never): return .neverFits(never)
            case nil: throw .unavailable(doubt.cause, retryAfter: breaker.retryAfter)
            }
        }
    }

    private nonisolated(nonsending) func letThrough(
        _ call: Call, at time: Timestamp, under policy: Policy, _ doubt: Doubt
    ) async throws(LimiterError) -> Decision {
        if call.weight > 0 {
            let unchecked = UncheckedCall(
                call, admittedAt: time, policyID: policy.id, mayExistSince: doubt.mayExistSince)
            let outcome = await recorder.record(unchecked, cause: doubt.cause)
            metrics.recorded(outcome)
            if case .refused(let error) = outcome { throw .unavailable(error, retryAfter: breaker.retryAfter) }
        }
        return .admitted(
            Admission(callID: call.id, admittedAt: time, mode: .unchecked, policy: policy, windows: []))
    }
}

/// Why the ledger did not decide a call, and since when it may hold it nonetheless.
private struct Doubt {
    let cause: StoreError
    let mayExistSince: Timestamp?
}

extension StoreError {
    /// The ledger answered, and what it answered is that it wrote nothing.
    fileprivate var leavesNothingWritten: Bool {
        switch kind {
        case .contended, .locked, .missingPartition, .rejected: true
        case .unavailable, .deadlineExceeded, .schema, .unrecorded, .closed: false
        }
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
