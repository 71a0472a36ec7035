import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@Suite("RefusalCache")
struct RefusalCacheTests {
    /// A ledger whose clock is seven hours off, asked directly; it counts the questions.
    private final class Ledger: Limiter {
        let asked = Mutex(0)
        private let store: MemoryStore

        init(clock: @escaping @Sendable () -> Timestamp) {
            store = MemoryStore(clock: clock)
        }

        func admit(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
            asked.withLock { $0 += 1 }
            return store.decide([call], under: policy)[0]
        }

        func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
            throw .cancelled
        }
    }

    @Test("a refused user is asked about once, until the promised moment; supplied ids are always passed on")
    func caches() async throws {
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
        let ledger = Ledger { seconds(-25_200).advanced(by: elapsed.withLock { $0 }) }
        let cache = RefusalCache(ledger, now: { start + elapsed.withLock { $0 } })
        let policy = try Policy.test((1, .seconds(10)))
        let (user, id) = (UserID.fresh(), CallID.fresh())
        #expect(try await cache.admit(try .test(user, id: id), under: policy).admission != nil)
        for second in 1..<10 {
            elapsed.withLock { $0 = .seconds(second) }
            let refusal = try await cache.admit(try .test(user), under: policy).refusal
            #expect(refusal?.retryAfter == .seconds(10 - second))
        }
        #expect(ledger.asked.withLock { $0 } == 2)
        #expect(try await cache.admit(try .test(user, id: id), under: policy).admission?.isReplay == true)
        #expect(ledger.asked.withLock { $0 } == 3)
        elapsed.withLock { $0 = .seconds(10) }
        #expect(try await cache.admit(try .test(user), under: policy).admission != nil)
    }
}
