import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@Suite("CircuitBreaker", .timeLimit(.minutes(10)))
struct CircuitBreakerTests {
    /// A store whose probes fail as often as it is told.
    private final class Recovering: AdmissionStore {
        private let failures: Mutex<Int>

        init(after failures: Int) {
            self.failures = Mutex(failures)
        }

        func admit(
            _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> [Result<Decision, StoreError>] { throw .lost }

        func peek(
            _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> Peek { throw .lost }

        func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw .lost }
        }
    }

    private final class Log: PathMetrics {
        let transitions = Mutex<[Breaker.Transition]>([])
        let modes = Mutex<[Breaker.Mode]>([])
        func breakerChanged(_ transition: Breaker.Transition) { transitions.withLock { $0.append(transition) } }
        func breakerForced(_ mode: Breaker.Mode) { modes.withLock { $0.append(mode) } }
        var phases: [Breaker.Phase] { transitions.withLock { $0.map(\.to) } }
    }

    @Test("probes until the store answers, and tells every change once")
    func recovers() async throws {
        let log = Log()
        let settings = BreakerSettings(firstPause: .microseconds(10), longestPause: .microseconds(50))
        let breaker = CircuitBreaker(settings: settings, metrics: log, generator: SeededGenerator(seed: 1))
        let probing = Task { await breaker.run(probing: Recovering(after: 3), timeout: .seconds(1)) }
        for _ in 0..<2 {
            for _ in 0..<3 { breaker.ended(.failed(.lost), askedAt: .now) }
            try await eventually { breaker.phase == .closed && log.phases.last == .closed }
        }
        probing.cancel()
        await probing.value
        let once: [Breaker.Phase] = [.open, .halfOpen]
        #expect(log.phases == once + once + once + once + [.closed] + once + [.closed])
    }

    /// A store whose first probes never come back, whatever they are told, until they are let go.
    private final class Hanging: AdmissionStore {
        private let left: Mutex<Int>
        let hung = Mutex<[CheckedContinuation<Void, Never>]>([])

        init(first count: Int) {
            left = Mutex(count)
        }

        func admit(
            _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> [Result<Decision, StoreError>] { throw .lost }

        func peek(
            _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
        ) async throws(StoreError) -> Peek { throw .lost }

        func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {
            let hangs = left.withLock { left in
                left -= 1
                return left >= 0
            }
            guard hangs else { return }
            await withCheckedContinuation { continuation in hung.withLock { $0.append(continuation) } }
        }

        func letGo() {
            hung.withLock { hung in
                hung.forEach { $0.resume() }
                hung = []
            }
        }
    }

    @Test("a probe that never comes back does not hold up the next; no more than two are under way")
    func hanging() async throws {
        let settings = BreakerSettings(firstPause: .microseconds(10), longestPause: .microseconds(50))
        for count in [1, 5] {
            let log = Log()
            let breaker = CircuitBreaker(settings: settings, metrics: log)
            let store = Hanging(first: count)
            let probing = Task { await breaker.run(probing: store, timeout: .milliseconds(5)) }
            for _ in 0..<3 { breaker.ended(.failed(.lost), askedAt: .now) }
            if count > 1 {
                try await eventually { log.phases.count { $0 == .halfOpen } > 10 }
                #expect(store.hung.withLock { $0.count } == 2)
                #expect(breaker.phase != .closed)
            }
            try await eventually {
                if count > 1 { store.letGo() }
                return breaker.phase == .closed
            }
            store.letGo()
            probing.cancel()
            await probing.value
        }
    }

    @Test("cancelled while a probe hangs, it returns")
    func cancelled() async throws {
        let breaker = CircuitBreaker(settings: BreakerSettings(firstPause: .microseconds(10)))
        let store = Hanging(first: 1)
        let probing = Task { await breaker.run(probing: store, timeout: .seconds(600)) }
        for _ in 0..<3 { breaker.ended(.failed(.lost), askedAt: .now) }
        try await eventually { store.hung.withLock { $0.count } == 1 }
        probing.cancel()
        await probing.value
        store.letGo()
    }

    @Test("forced open it neither asks nor probes; automatic again it goes on; each change of mode is told once")
    func forced() async throws {
        let log = Log()
        let settings = BreakerSettings(firstPause: .microseconds(10))
        let breaker = CircuitBreaker(settings: settings, metrics: log)
        for _ in 0..<3 { breaker.ended(.failed(.lost), askedAt: .now) }
        for _ in 0..<3 { breaker.mode = .forcedOpen }
        let probing = Task { await breaker.run(probing: Recovering(after: 0), timeout: .seconds(1)) }
        #expect(breaker.refusal != nil && breaker.retryAfter == nil)
        #expect(breaker.phase == .open)
        breaker.mode = .automatic
        try await eventually { breaker.phase == .closed }
        #expect(breaker.refusal == nil)
        #expect(log.modes.withLock { $0 } == [.forcedOpen, .automatic])
        probing.cancel()
        await probing.value
    }
}
