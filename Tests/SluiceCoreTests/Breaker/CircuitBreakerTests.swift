import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@Suite("CircuitBreaker", .timeLimit(.minutes(1)))
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
        func breakerChanged(_ transition: Breaker.Transition) { transitions.withLock { $0.append(transition) } }
        var phases: [Breaker.Phase] { transitions.withLock { $0.map(\.to) } }
    }

    @Test("probes until the store answers, and tells every change once")
    func recovers() async throws {
        let log = Log()
        let settings = BreakerSettings(firstPause: .microseconds(10), longestPause: .microseconds(50))
        let breaker = CircuitBreaker(settings: settings, metrics: log, generator: SeededGenerator(seed: 1))
        let probing = Task { await breaker.run(probing: Recovering(after: 3), timeout: .seconds(1)) }
        for _ in 0..<2 {
            for _ in 0..<3 { breaker.ended(.failed(.lost)) }
            try await eventually { breaker.phase == .closed && log.phases.last == .closed }
        }
        probing.cancel()
        await probing.value
        let once: [Breaker.Phase] = [.open, .halfOpen]
        #expect(log.phases == once + once + once + once + [.closed] + once + [.closed])
    }

    @Test("forced open it neither asks nor probes; automatic again it goes on")
    func forced() async throws {
        let settings = BreakerSettings(firstPause: .microseconds(10))
        let breaker = CircuitBreaker(settings: settings)
        for _ in 0..<3 { breaker.ended(.failed(.lost)) }
        breaker.mode = .forcedOpen
        let probing = Task { await breaker.run(probing: Recovering(after: 0), timeout: .seconds(1)) }
        #expect(breaker.refusal != nil && breaker.retryAfter == nil)
        #expect(breaker.phase == .open)
        breaker.mode = .automatic
        try await eventually { breaker.phase == .closed }
        #expect(breaker.refusal == nil)
        probing.cancel()
        await probing.value
    }
}
