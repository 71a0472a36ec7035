import SluiceTesting
import Synchronization
import Testing

@testable import SluiceCore

@Suite("RefusalCounter", .timeLimit(.minutes(10)))
struct RefusalCounterTests {
    /// Refuses whoever calls, at the time that it is told.
    private final class Refuser: Limiter {
        let time = Mutex(seconds(0))

        func admit(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
            refuse(call.user, weight: call.weight, under: policy).map { .refused($0) } ?? .plain(call, policy)
        }

        func refuse(_ user: UserID, weight: Int64, under policy: Policy) -> Refusal? {
            let now = time.withLock { $0 }
            return weight > 0 ? Refusal(decidedAt: now, retryAt: now, policy: policy, windows: []) : nil
        }

        func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
            throw .cancelled
        }
    }

    private final class Ledger: RefusalLedger {
        let failure = Mutex<StoreError?>(nil)
        private let taken = Mutex<[[RefusalCount]]>([])
        var batches: [[RefusalCount]] { taken.withLock { $0 } }
        var all: Set<RefusalCount> { Set(batches.joined()) }
        let arrivals = AsyncStream<Void>.makeStream()

        func record(
            _ refusals: [RefusalCount], replica: String?, deadline: ContinuousClock.Instant
        ) async throws(StoreError) {
            if let error = failure.withLock({ $0 }) { throw error }
            taken.withLock { $0.append(refusals) }
            arrivals.continuation.yield()
        }
    }

    private let refuser = Refuser()
    private let ledger = Ledger()

    private func counter(maximumEntries: Int = 20_000, interval: Duration = .seconds(300)) -> RefusalCounter {
        RefusalCounter(
            refuser, ledger: ledger,
            settings: .init(maximumEntries: maximumEntries, interval: interval, timeout: .seconds(300)))
    }

    @Test("refusals are counted by user, policy and minute, admissions are not")
    func counts() async throws {
        let counter = counter()
        let policy = try Policy.test((1, .seconds(60)))
        let (one, two) = (UserID.fresh(), UserID.fresh())
        for (second, user) in [(61, one), (119, one), (120, one), (61, two)] as [(Int64, UserID)] {
            refuser.time.withLock { $0 = seconds(second) }
            _ = try await counter.admit(.test(user), under: policy)
        }
        _ = try await counter.admit(.test(one, weight: 0), under: policy)
        await counter.flush()
        func count(_ user: UserID, _ minute: Int64, _ count: Int64) -> RefusalCount {
            RefusalCount(user: user, policyID: policy.id, minute: seconds(minute * 60), count: count)
        }
        #expect(ledger.all == [count(one, 1, 2), count(one, 2, 1), count(two, 1, 1)])
        await counter.flush()
        #expect(ledger.batches.count == 1)
    }

    @Test("each refusal of many tasks is counted once, also while counts are written down")
    func concurrent() async throws {
        let counter = counter()
        let policy = try Policy.test((1, .seconds(60)))
        let users = (0..<3).map { _ in UserID.fresh() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for number in 0..<2_000 {
                        // Of one user for a while, then of the next.
                        let user = users[(task + number / 50) % 3]
                        if number.isMultiple(of: 2) {
                            _ = try await counter.admit(.test(user), under: policy)
                        } else {
                            #expect(counter.refuse(user, weight: 1, under: policy) != nil)
                        }
                        #expect(counter.refuse(user, weight: 0, under: policy) == nil)
                    }
                }
            }
            group.addTask { for _ in 0..<100 { await counter.flush() } }
            try await group.waitForAll()
        }
        #expect(counter.dropped == 0)
        await counter.flush()
        let counted = Dictionary(grouping: ledger.batches.joined(), by: \.user).mapValues {
            $0.map(\.count).reduce(0, +)
        }
        let asked = (0..<16).flatMap { task in (0..<2_000).map { users[(task + $0 / 50) % 3] } }
        #expect(counted == Dictionary(grouping: asked) { $0 }.mapValues { Int64($0.count) })
    }

    @Test("counts that cannot be written down stay, within bounds")
    func failure() async throws {
        let counter = counter(maximumEntries: 1_500)
        let policy = try Policy.test((1, .seconds(60)))
        for _ in 0..<1_600 { _ = try await counter.admit(.test(), under: policy) }
        #expect(counter.dropped == 100)
        ledger.failure.withLock { $0 = .lost }
        await counter.flush()
        #expect(ledger.batches.isEmpty)
        ledger.failure.withLock { $0 = nil }
        await counter.flush()
        #expect(ledger.batches.map(\.count) == [1_000, 500] && counter.dropped == 100)
    }

    @Test("what the ledger never takes does not come again")
    func rejected() async throws {
        let counter = counter()
        _ = try await counter.admit(.test(), under: .test((1, .seconds(60))))
        ledger.failure.withLock { $0 = StoreError(.rejected, "no") }
        await counter.flush()
        ledger.failure.withLock { $0 = nil }
        await counter.flush()
        #expect(ledger.batches.isEmpty)
    }

    @Test("counts are written down now and then")
    func run() async throws {
        let counter = counter(interval: .milliseconds(1))
        let running = Task { await counter.run { true } }
        _ = try await counter.admit(.test(), under: .test((1, .seconds(60))))
        var arrivals = ledger.arrivals.stream.makeAsyncIterator()
        await arrivals.next()
        running.cancel()
        await running.value
        #expect(ledger.all.map(\.count) == [1])
    }

    @Test("a minute begins before the epoch too")
    func minutes() {
        var tally = RefusalTally(maximumEntries: 10)
        let user = UserID.fresh()
        for time in [-1, -60_000_000, .min] as [Int64] {
            tally.add(of: .init(user: user, policyID: 1, time: Timestamp(microseconds: time)))
        }
        #expect(Set(tally.take().map(\.minute.microseconds)) == [-60_000_000, .min])
    }
}
