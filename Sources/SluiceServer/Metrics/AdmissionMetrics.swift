public import Metrics
public import SluiceCore

/// What the path of a call tells, as metrics. `docs/metrics.md` lists them.
public struct AdmissionMetrics: PathMetrics {
    private struct Answer: Hashable {
        let outcome: PathOutcome
        let policy: String
    }

    private let decisions: HandleCache<Answer, Counter>
    private let decisionDurations: HandleCache<PathOutcome, Timer>
    private let batchCalls: Recorder
    private let batchDuration: Timer
    private let queuedCalls: Meter
    private let storeErrors: HandleCache<StoreError.Kind, Counter>
    private let breakerStates: HandleCache<Breaker.Phase, Meter>
    private let breakerTransitions: HandleCache<Breaker.Phase, Counter>
    private let breakerModes: HandleCache<Breaker.Mode, Meter>

    /// - Parameter factory: where the metrics go: the registry behind `/metrics`.
    public init(factory: any MetricsFactory) {
        decisions = HandleCache { answer in
            let labels = [("outcome", answer.outcome.rawValue), ("policy", answer.policy)]
            return Counter(label: "sluice_decisions_total", dimensions: labels, factory: factory)
        }
        decisionDurations = HandleCache { outcome in
            let labels = [("outcome", outcome.rawValue)]
            return Timer(label: "sluice_decision_duration_seconds", dimensions: labels, factory: factory)
        }
        batchCalls = Recorder(label: "sluice_batch_calls", dimensions: [], aggregate: true, factory: factory)
        batchDuration = Timer(label: "sluice_batch_duration_seconds", dimensions: [], factory: factory)
        queuedCalls = Meter(label: "sluice_queued_calls", dimensions: [], factory: factory)
        storeErrors = HandleCache { kind in
            Counter(label: "sluice_store_errors_total", dimensions: [("kind", kind.rawValue)], factory: factory)
        }
        breakerStates = HandleCache { phase in
            Meter(label: "sluice_breaker_state", dimensions: [("state", phase.rawValue)], factory: factory)
        }
        breakerTransitions = HandleCache { phase in
            Counter(label: "sluice_breaker_transitions_total", dimensions: [("to", phase.rawValue)], factory: factory)
        }
        breakerModes = HandleCache { mode in
            Meter(label: "sluice_breaker_forced", dimensions: [("mode", mode.rawValue)], factory: factory)
        }
        show(.closed)
        breakerForced(.automatic)
    }

    public func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration) {
        decisions[Answer(outcome: outcome, policy: policy.name)].increment()
        decisionDurations[outcome].recordNanoseconds(duration.nanoseconds)
    }

    public func batchSent(calls: Int, waiting: Int) {
        batchCalls.record(calls)
        queuedCalls.set(waiting)
    }

    public func batchAnswered(calls: Int, after duration: Duration, error: StoreError?) {
        batchDuration.recordNanoseconds(duration.nanoseconds)
    }

    public func storeFailed(_ error: StoreError, calls: Int) {
        storeErrors[error.kind].increment(by: calls)
    }

    public func breakerChanged(_ transition: Breaker.Transition) {
        breakerTransitions[transition.to].increment()
        show(transition.to)
    }

    public func breakerForced(_ mode: Breaker.Mode) {
        for forced in [Breaker.Mode.forcedOpen, .forcedClosed] { breakerModes[forced].set(forced == mode ? 1 : 0) }
    }

    /// One series per state, 1 for the one it is in: that is how dashboards show states.
    private func show(_ current: Breaker.Phase) {
        for phase in Breaker.Phase.allCases { breakerStates[phase].set(phase == current ? 1 : 0) }
    }
}
