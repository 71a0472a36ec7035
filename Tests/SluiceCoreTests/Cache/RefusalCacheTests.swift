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

    /// A cache before a ledger, at a time that the test sets.
    private struct Fixture: Sendable {
        private final class Time: Sendable {
            let elapsed = Mutex(Duration.zero)
        }

        let ledger: Ledger
        let cache: RefusalCache
        private let time = Time()

        init() {
            let start = ContinuousClock.now
            ledger = Ledger { [time] in seconds(0).advanced(by: time.elapsed.withLock { $0 }) }
            cache = RefusalCache(ledger, now: { [time] in start + time.elapsed.withLock { $0 } })
        }

        func set(_ second: Int64) { time.elapsed.withLock { $0 = .seconds(second) } }

        /// Asks until the running task has the refusal at hand.
        func refuse(_ user: UserID, under policy: Policy) async throws {
            for _ in 0..<3 { #expect(try await cache.admit(try .test(user), under: policy).refusal != nil) }
            #expect(cache.refuse(user, weight: 1, under: policy) != nil)
        }
    }

    @Test("a task has the refusal that it was given last at hand, for as long as it is true")
    func remembers() async throws {
        let fixture = Fixture()
        let policy = try Policy.test((1, .seconds(10)))
        let (user, other) = (UserID.fresh(), UserID.fresh())
        #expect(fixture.cache.refuse(user, weight: 1, under: policy) == nil)
        #expect(try await fixture.cache.admit(try .test(user), under: policy).admission != nil)
        #expect(fixture.cache.refuse(user, weight: 1, under: policy) == nil)
        fixture.set(1)
        try await fixture.refuse(user, under: policy)
        #expect(fixture.ledger.asked.withLock { $0 } == 2)
        fixture.set(4)
        let refusal = fixture.cache.refuse(user, weight: 1, under: policy)
        #expect(refusal?.retryAfter == .seconds(6))
        #expect(refusal == (try await fixture.cache.admit(try .test(user), under: policy).refusal))
        #expect(fixture.cache.refuse(user, weight: 0, under: policy) != nil, "looking weighs 1")
        #expect(fixture.cache.refuse(user, weight: 2, under: policy) == nil)
        #expect(fixture.cache.refuse(other, weight: 1, under: policy) == nil)
        #expect(fixture.cache.refuse(user, weight: 1, under: policy) != nil)
        fixture.set(10)
        #expect(fixture.cache.refuse(user, weight: 1, under: policy) == nil)
    }

    @Test(
        "no task refuses from what it has at hand once another asked under another policy, with an id of its own or not",
        arguments: [false, true])
    func withdraws(isIDSupplied: Bool) async throws {
        let fixture = Fixture()
        let (policy, raised) = (try Policy.test((1, .seconds(10))), try Policy.test((2, .seconds(10))))
        let user = UserID.fresh()
        for _ in 0..<2 { _ = try await fixture.cache.admit(try .test(user), under: policy) }
        let gates = (0..<32).map { _ in AsyncStream<Void>.makeStream() }
        let arrivals = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for gate in gates {
                group.addTask {
                    try await fixture.refuse(user, under: policy)
                    arrivals.continuation.yield()
                    for await _ in gate.stream { break }
                    #expect(fixture.cache.refuse(user, weight: 1, under: policy) == nil)
                }
            }
            var arrived = arrivals.stream.makeAsyncIterator()
            for _ in gates { await arrived.next() }
            let other = try Call.test(user, id: isIDSupplied ? .fresh() : nil)
            #expect(try await fixture.cache.admit(other, under: raised).admission != nil)
            for gate in gates { gate.continuation.yield() }
            try await group.waitForAll()
        }
        #expect(fixture.ledger.asked.withLock { $0 } == 3)
    }
}
