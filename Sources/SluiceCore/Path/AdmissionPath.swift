/// The whole path of a call to a store: ``RefusalCache`` → ``BreakerGuard`` → ``Batcher`` → ``AdmissionStore``.
public final class AdmissionPath: Limiter {
    /// The settings of the parts.
    public struct Settings: Sendable {
        public var batcher: BatcherSettings
        public var breaker: BreakerSettings
        public var cache: RefusalCache.Settings
        /// Calls remembered for policies that are `bounded` in an outage; about 100 bytes each.
        public var maximumLocalRows: Int

        public init(
            batcher: BatcherSettings = BatcherSettings(), breaker: BreakerSettings = BreakerSettings(),
            cache: RefusalCache.Settings = RefusalCache.Settings(), maximumLocalRows: Int = 1_000_000
        ) {
            self.batcher = batcher
            self.breaker = breaker
            self.cache = cache
            self.maximumLocalRows = maximumLocalRows
        }
    }

    /// Its phase for whoever shows it, its mode for whoever must force it.
    public let breaker: CircuitBreaker
    private let store: any AdmissionStore
    private let batcher: Batcher
    private let entry: RefusalCache

    /// - Parameters:
    ///   - clock: tells the times of calls that are let through without the database; somebody must keep it right.
    ///   - recorder: writes those calls down.
    public init(
        store: any AdmissionStore, settings: Settings = Settings(),
        clock: LedgerClock,
        recorder: any UncheckedRecorder = NoRecorder(), metrics: any PathMetrics = NoMetrics()
    ) {
        let breaker = CircuitBreaker(settings: settings.breaker, metrics: metrics)
        batcher = Batcher(store: store, settings: settings.batcher, metrics: metrics) {
            breaker.ended($0, askedAt: $1)
        }
        let outageGuard = BreakerGuard(
            batcher, breaker: breaker, maximumLocalRows: settings.maximumLocalRows, clock: clock,
            recorder: recorder, metrics: metrics)
        entry = RefusalCache(outageGuard, settings: settings.cache, metrics: metrics)
        self.breaker = breaker
        self.store = store
    }

    public nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision {
        try await entry.admit(call, under: policy)
    }

    public func refuse(_ user: UserID, weight: Int64, under policy: Policy) -> Refusal? {
        entry.refuse(user, weight: weight, under: policy)
    }

    public func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        try await entry.peek(user, weight: weight, under: policy)
    }

    /// Decides calls until ``shutdown()`` or until the task is cancelled. Called once; calls that arrive before it wait for it.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.breaker.run(probing: self.store, timeout: self.batcher.settings.timeout) }
            await batcher.run()
            group.cancelAll()
        }
    }

    /// Takes no more calls; ``run()`` returns when those that are here were answered.
    public func shutdown() {
        batcher.shutdown()
    }
}
