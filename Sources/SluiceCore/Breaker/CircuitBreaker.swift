import Synchronization

/// The breaker shared by those who ask the database, and the task that probes it.
public final class CircuitBreaker: Sendable {
    private struct State {
        var breaker: Breaker
        var generator: any RandomNumberGenerator & Sendable
        /// Including those that were given up but have not come back.
        var probesUnderWay = 0
    }

    private static let maximumProbes = 2

    private let state: Mutex<State>
    /// Whether the database may be asked, as `state` says: every call looks, and few find anything else.
    private let isPassable = Atomic(true)
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
            let isChanged = change { state in
                defer { state.breaker.mode = newValue }
                return state.breaker.mode != newValue
            }
            guard isChanged else { return }
            // An open breaker that becomes automatic again has a probe due.
            opened.yield()
            metrics.breakerForced(newValue)
        }
    }

    /// Why the database must not be asked now; `nil` when it may be.
    public var refusal: StoreError? {
        isPassable.load(ordering: .acquiring) ? nil : state.withLock { $0.breaker.refusal }
    }

    /// When asking again may help; `nil` when that is not known.
    public var retryAfter: Duration? { state.withLock { $0.breaker.retryAfter(at: .now) } }

    /// A question to the database ended that went out at `askedAt`.
    public func ended(_ outcome: Breaker.Outcome, askedAt: ContinuousClock.Instant) {
        report(change { $0.breaker.ended(outcome, askedAt: askedAt, at: .now, using: &$0.generator) })
    }

    /// Probes `store` whenever the breaker is open and its pause is over, until the task is cancelled. Called once.
    ///
    /// - Parameter timeout: what one probe may take, whatever the store does.
    public func run(probing store: any AdmissionStore, timeout: Duration) async {
        for await _ in openings {
            while let due = state.withLock({ $0.breaker.nextProbe }) {
                guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
                await probe(store, timeout: timeout)
            }
        }
    }

    private func probe(_ store: any AdmissionStore, timeout: Duration) async {
        guard let start = change({ $0.breaker.probeStarted(at: .now) }) else { return }
        report(start)
        let failure = await ask(store, timeout: timeout)
        report(change { $0.breaker.probeEnded(failure, at: .now, using: &$0.generator) })
    }

    /// A store may ignore the deadline, and one probe that never comes back must not be the last. But no more than one such is left
    /// to itself beside the one that is waited for.
    private func ask(_ store: any AdmissionStore, timeout: Duration) async -> StoreError? {
        let isFree = state.withLock { state in
            guard state.probesUnderWay < Self.maximumProbes else { return false }
            state.probesUnderWay += 1
            return true
        }
        guard isFree else { return StoreError(.deadlineExceeded, "earlier probes have not come back") }
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let answer = await punctual(by: deadline, onEnd: { self.state.withLock { $0.probesUnderWay -= 1 } }) {
            () async throws(StoreError) in
            try await store.probe(deadline: deadline)
        }
        if case .failure(let error) = answer { return error }
        return nil
    }

    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            defer { isPassable.store(state.breaker.refusal == nil, ordering: .releasing) }
            return body(&state)
        }
    }

    private func report(_ transition: Breaker.Transition?) {
        guard let transition else { return }
        if transition.to == .open { opened.yield() }
        metrics.breakerChanged(transition)
    }
}
