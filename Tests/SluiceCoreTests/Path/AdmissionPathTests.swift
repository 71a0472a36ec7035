import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@Suite("AdmissionPath", .timeLimit(.minutes(10)))
struct AdmissionPathTests {
    /// A store that can be away.
    private final class Flaky: AdmissionStore {
        let isAway = Mutex(false)
        private let store = MemoryStore { seconds(0) }

        private func check() throws(StoreError) {
            if isAway.withLock({ $0 }) { throw .lost }
        }

        func admit(
            _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> [Result<Decision, StoreError>] {
            try check()
            return try await store.admit(calls, under: policy, deadline: deadline)
        }

        func peek(
            _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> Peek {
            try check()
            return try await store.peek(user, weight: weight, under: policy, deadline: deadline)
        }

        func probe(deadline: ContinuousClock.Instant) async throws(StoreError) { try check() }
    }

    private final class Counts: PathMetrics {
        let outcomes = Mutex<[PathOutcome: Int]>([:])
        func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration) {
            outcomes.withLock { $0[outcome, default: 0] += 1 }
        }
    }

    @Test("through an outage and back: enforced, unchecked, enforced, without a restart")
    func outage() async throws {
        let store = Flaky()
        let settings = AdmissionPath.Settings(
            batcher: BatcherSettings(timeout: .seconds(60)),
            breaker: BreakerSettings(firstPause: .milliseconds(1), longestPause: .milliseconds(5)))
        let path = AdmissionPath(store: store, settings: settings, clock: LedgerClock { seconds(7) })
        let policy = try Policy.test((1, .seconds(10)))
        async let running: Void = path.run()
        store.isAway.withLock { $0 = true }
        for _ in 0..<20 {
            #expect(try await path.admit(try .test(), under: policy).admission?.mode == .unchecked)
        }
        #expect(path.breaker.phase != .closed)
        store.isAway.withLock { $0 = false }
        try await eventually { path.breaker.phase == .closed }
        #expect(try await path.admit(try .test(), under: policy).admission?.mode == .enforced)
        #expect(try await path.peek(.fresh(), weight: 1, under: policy).windows.map(\.used) == [0])
        path.shutdown()
        await running
    }

    /// A store that comes back only when it is let go, whatever it is told.
    private final class Hung: AdmissionStore {
        let asked = Mutex(0)
        private let forever: Task<Void, Never>
        let end: AsyncStream<Void>.Continuation

        init() {
            let (stream, end) = AsyncStream<Void>.makeStream()
            self.end = end
            forever = Task { for await _ in stream {} }
        }

        private func hang() async {
            asked.withLock { $0 += 1 }
            await forever.value
        }

        func admit(
            _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> [Result<Decision, StoreError>] {
            await hang()
            throw .lost
        }

        func peek(
            _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> Peek {
            await hang()
            throw .lost
        }

        func probe(deadline: ContinuousClock.Instant) async throws(StoreError) { await hang() }
    }

    @Test("a store that hangs holds up nobody: callers are answered in time, and at once when the breaker is open")
    func hung() async throws {
        let store = Hung()
        let path = AdmissionPath(
            store: store, settings: .init(batcher: BatcherSettings(concurrency: 1, timeout: .milliseconds(20))),
            clock: LedgerClock { seconds(7) })
        let policy = try Policy.test((1, .seconds(10)))
        async let running: Void = path.run()
        defer {
            store.end.finish()
            path.shutdown()
        }
        let error = await #expect(throws: LimiterError.self) {
            try await path.peek(.fresh(), weight: 1, under: policy)
        }
        guard case .unavailable(let cause, _) = error, cause.kind == .deadlineExceeded else { throw StoreError.lost }
        for _ in 0..<5 {
            #expect(try await path.admit(try .test(), under: policy).admission?.mode == .unchecked)
        }
        try await eventually { path.breaker.phase != .closed }
        path.breaker.mode = .forcedOpen
        let asked = store.asked.withLock { $0 }
        for _ in 0..<1_000 {
            #expect(try await path.admit(try .test(), under: policy).admission?.mode == .unchecked)
        }
        #expect(store.asked.withLock { $0 } <= asked + 1, "a probe that was starting at most")
        store.end.finish()
        path.shutdown()
        await running
    }

    @Test("many callers of one user get exactly the limit, and every answer is counted once")
    func exact() async throws {
        let counts = Counts()
        let settings = AdmissionPath.Settings(batcher: BatcherSettings(maximumBatch: 7, timeout: .seconds(60)))
        let path = AdmissionPath(store: Flaky(), settings: settings, clock: LedgerClock { seconds(7) }, metrics: counts)
        let policy = try Policy.test((100, .seconds(10)))
        let user = UserID.fresh()
        async let running: Void = path.run()
        let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    var count = 0
                    for _ in 0..<5 where try await path.admit(try .test(user), under: policy).admission != nil {
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(admitted == 100)
        let outcomes = counts.outcomes.withLock { $0 }
        #expect(outcomes[.admitted] == 100)
        #expect(outcomes.values.reduce(0, +) == 1_000)
        #expect(Set(outcomes.keys).isSubset(of: [.admitted, .refused, .refusedFromCache]))
        path.shutdown()
        await running
    }
}
