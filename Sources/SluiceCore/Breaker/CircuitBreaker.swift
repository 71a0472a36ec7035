import Synchronization

/// The breaker shared by those who ask the database, and the task that probes it.
public final class CircuitBreaker: Sendable {
    private struct State {
        var breaker: Breaker
        var generator: any RandomNumberGenerator & Sendable
    }

    private let state: Mutex<State>
    private let metrics: any PathMetrics
    private let openings: AsyncStream<Void>
    private let opened: AsyncStream<Void>.Continuation

    /// - Parameter generator: jitters the pauses, so that replicas do not probe in step.
    public init(
        settings: BreakerSettings = BreakerSettings(), metrics: any PathMetrics = NoMetrics(),
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        state = Mutex(State(breaker: Breaker(settings: settings), generator: generator))
        self.metrics = metrics
        (openings, opened) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public var phase: Breaker.Phase { state.withLock { $0.breaker.phase } }

    /// Whether the machine or an operator decides.
    public var mode: Breaker.Mode {
        get { state.withLock { $0.breaker.mode } }
        set {
            state.withLock { $0.breaker.mode = newValue }
            // An open breaker that becomes automatic again has a probe due.
            opened.yield()
        }
    }

    /// Why the database must not be asked now; `nil` when it may be.
    public var refusal: StoreError? { state.withLock { $0.breaker.refusal } }

    /// When asking again may help; `nil` when that is not known.
    public var retryAfter: Duration? { state.withLock { $0.breaker.retryAfter(at: .now) } }

    /// A question to the database ended.
    public func ended(_ outcome: Breaker.Outcome) {
        report(state.withLock { $0.breaker.ended(outcome, at: .now, using: &$0.generator) })
    }

    /// Probes `store` whenever the breaker is open and its pause is over, until the task is cancelled. Called once.
    ///
    /// - Parameter timeout: what one probe may take.
    public func run(probing store: any AdmissionStore, timeout: Duration) async {
        for await _ in openings {
            while let due = state.withLock({ $0.breaker.nextProbe }) {
                guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
                await probe(store, timeout: timeout)
            }
        }
    }

    private func probe(_ store: any AdmissionStore, timeout: Duration) async {
        guard let start = state.withLock({ $0.breaker.probeStarted(at: .now) }) else { return }
        report(start)
        var failure: StoreError?
        do throws(StoreError) {
            try await store.probe(deadline: .now.advanced(by: timeout))
        } catch {
            failure = error
        }
        report(state.withLock { $0.breaker.probeEnded(failure, at: .now, using: &$0.generator) })
    }

    private func report(_ transition: Breaker.Transition?) {
        guard let transition else { return }
        if transition.to == .open { opened.yield() }
        metrics.breakerChanged(transition)
    }
}
