import SluiceTesting
import Synchronization
import Testing

@testable import Postgres

struct EpollExecutorTests {
    private actor Counter {
        nonisolated let executor: EpollExecutor
        private(set) var count = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(on executor: EpollExecutor) {
            self.executor = executor
        }

        func increment() { count += 1 }
    }

    @Test func actorsOnItAreSerial() async {
        let executor = EpollExecutor()
        let counter = Counter(on: executor)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { for _ in 0..<200 { await counter.increment() } }
            }
        }
        #expect(await counter.count == 10_000)
        executor.shutdown()
    }

    @Test func callsKeepTheirOrder() async {
        let executor = EpollExecutor()
        let seen = Mutex<[Int]>([])
        for number in 0..<1_000 { executor.post { seen.withLock { $0.append(number) } } }
        await executor.catchUp()
        #expect(seen.withLock(\.self) == Array(0..<1_000))
        executor.shutdown()
    }

    @Test func timersGoOffInTheirOrderAndNotTooSoon() async {
        let executor = EpollExecutor()
        let fired = AsyncStream<(Int, ContinuousClock.Instant)>.makeStream()
        let start = ContinuousClock.now
        let delays = [30, 10, 20, 0, -5]
        for delay in delays {
            let timer = executor.makeTimer { fired.continuation.yield((delay, .now)) }
            executor.setDeadline(timer, start + .milliseconds(delay))
        }
        var order: [Int] = []
        for await (delay, time) in fired.stream {
            #expect(time >= start + .milliseconds(delay))
            order.append(delay)
            if order.count == delays.count { break }
        }
        // The first ones may have gone off before the others were set.
        #expect(order.suffix(3) == [10, 20, 30])
        executor.shutdown()
    }

    @Test func aTimerThatIsSetOffOrRemovedIsSilent() async {
        let executor = EpollExecutor()
        let count = Atomic<Int>(0)
        let fired = AsyncStream<Void>.makeStream()
        let now = ContinuousClock.now
        let setOff = executor.makeTimer { count.add(1, ordering: .relaxed) }
        let removed = executor.makeTimer { count.add(1, ordering: .relaxed) }
        let later = executor.makeTimer { fired.continuation.yield() }
        for timer in [setOff, removed, later] { executor.setDeadline(timer, now + .milliseconds(20)) }
        executor.setDeadline(setOff, nil)
        executor.remove(removed)
        for await _ in fired.stream { break }
        #expect(count.load(ordering: .relaxed) == 0)
        executor.shutdown()
    }

    @Test func workAfterAShutdownIsDone() async {
        let executor = EpollExecutor()
        let counter = Counter(on: executor)
        for _ in 0..<100 {
            await counter.increment()
            executor.shutdown()
        }
        #expect(await counter.count == 100)
    }

    @Test func aPoolOnALoopOfItsOwn() async throws {
        let executor = EpollExecutor()
        let url = try await PostgresServer.shared().url()
        try await Support.withPool(url, .init(maximumConnections: 2), executor: executor) { pool in
            let result = try await pool.query("SELECT 1", deadline: Support.soon)
            #expect(result.count == 1)
        }
        executor.shutdown()
        try await Support.eventually("its thread ends") { !executor.isRunning }
    }

    @Test func onlyItsThreadIsItsOwn() async {
        let executor = EpollExecutor()
        #expect(executor.isIsolatingCurrentContext() == false)
        await withCheckedContinuation { continuation in
            executor.post {
                #expect(executor.isIsolatingCurrentContext() == true)
                continuation.resume()
            }
        }
        executor.shutdown()
    }
}
