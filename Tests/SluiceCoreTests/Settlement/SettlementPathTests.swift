import SluiceTesting
import Synchronization
import Testing

@testable import SluiceCore

@Suite("SettlementPath", .timeLimit(.minutes(10)))
struct SettlementPathTests {
    private let ledger = ScriptedSettlementLedger()
    private let journal = ScriptedSettlementRecorder()
    private let breaker = CircuitBreaker()
    private let ends = SettlementEnds()

    private func path(
        concurrency: Int = 2, maximumBatch: Int = 256, timeout: Duration = .seconds(300)
    ) -> SettlementPath {
        SettlementPath(
            ledger: ledger, replica: "r", breaker: breaker, clock: LedgerClock { seconds(9) }, recorder: journal,
            settings: .init(maximumBatch: maximumBatch, concurrency: concurrency, timeout: timeout), metrics: ends)
    }

    /// Runs the path beside `body`, and then until it is done.
    private func running(_ path: SettlementPath, _ body: () async throws -> Void) async throws {
        let running = Task { await path.run() }
        defer { path.shutdown() }
        try await body()
        path.shutdown()
        await running.value
    }

    @Test("what arrives while a batch is under way goes together in the next")
    func gathers() async throws {
        let path = path(concurrency: 1)
        var questions = ledger.questions.makeAsyncIterator()
        try await running(path) {
            let first = try Settlement.test()
            let settling = Task { try await path.settle(first) }
            let question = try #require(await questions.next())
            #expect(question.settlements == [first])
            let others = try (0..<50).map { _ in try Settlement.test() }
            let all = Task { try await settleAll(others, path) }
            try await eventually { path.queue.withLock { $0.waitingCount } == 50 }
            question.settleAll()
            #expect(try await settling.value == .settled(cost: 1))
            let next = try #require(await questions.next())
            #expect(Set(next.settlements) == Set(others))
            next.settleAll()
            #expect(try await all.value == Array(repeating: .settled(cost: 1), count: 50))
        }
        #expect(ledger.asked == 2 && journal.settlements.isEmpty)
    }

    private func settleAll(_ settlements: [Settlement], _ path: SettlementPath) async throws -> [SettlementReceipt] {
        try await withThrowingTaskGroup(of: SettlementReceipt.self) { group in
            for settlement in settlements { group.addTask { try await path.settle(settlement) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("each gets the outcome of its own")
    func outcomes() async throws {
        let path = path(concurrency: 1)
        var questions = ledger.questions.makeAsyncIterator()
        try await running(path) {
            let expected: [(SettlementOutcome, SettlementReceipt)] = [
                (.settled(cost: 5), .settled(cost: 5)), (.corrected(cost: nil), .settled(cost: nil)), (.known, .known),
                (.noCall, .noCall),
            ]
            for (outcome, receipt) in expected {
                let settlement = try Settlement.test()
                let settling = Task { try await path.settle(settlement) }
                try #require(await questions.next()).answer(.success([outcome]))
                #expect(try await settling.value == receipt)
            }
        }
        #expect(ends.all == [.settled(cost: 5), .corrected(cost: nil), .known, .noCall])
    }

    @Test("two batches never hold the same user")
    func onlyOneBatchHoldsAUser() async throws {
        let path = path(concurrency: 2)
        var questions = ledger.questions.makeAsyncIterator()
        try await running(path) {
            let user = UserID.fresh()
            let (first, second, other) = (try Settlement.test(user), try Settlement.test(user), try Settlement.test())
            let settlingFirst = Task { try await path.settle(first) }
            let one = try #require(await questions.next())
            let settlingSecond = Task { try await path.settle(second) }
            try await eventually { path.queue.withLock { $0.waitingCount } == 1 }
            let settlingOther = Task { try await path.settle(other) }
            let two = try #require(await questions.next())
            #expect(two.settlements == [other])
            one.settleAll()
            let three = try #require(await questions.next())
            #expect(three.settlements == [second])
            two.settleAll()
            three.settleAll()
            for settling in [settlingFirst, settlingSecond, settlingOther] {
                #expect(try await settling.value == .settled(cost: 1))
            }
        }
    }

    @Test("a busy user is brought again, the others are not")
    func busy() async throws {
        let path = path(concurrency: 1)
        var questions = ledger.questions.makeAsyncIterator()
        try await running(path) {
            let settlement = try Settlement.test()
            let settling = Task { try await path.settle(settlement) }
            for _ in 0..<3 { try #require(await questions.next()).answer(.success([.busy])) }
            try #require(await questions.next()).settleAll()
            #expect(try await settling.value == .settled(cost: 1))
        }
        #expect(ledger.asked == 4 && journal.settlements.isEmpty)
    }

    @Test(
        "what the ledger cannot take goes to the journal",
        arguments: [
            StoreError.Kind.unavailable, .schema, .missingPartition, .deadlineExceeded, .closed,
        ])
    func failure(_ kind: StoreError.Kind) async throws {
        let path = path()
        var questions = ledger.questions.makeAsyncIterator()
        let settlement = try Settlement.test()
        try await running(path) {
            let settling = Task { try await path.settle(settlement) }
            try #require(await questions.next()).answer(.failure(StoreError(kind, "told so")))
            #expect(try await settling.value == .journaled)
        }
        #expect(journal.settlements == [settlement] && breaker.phase == .closed)
    }

    @Test("of a rejected batch only the one to blame fails")
    func rejected() async throws {
        let path = path(concurrency: 1)
        var questions = ledger.questions.makeAsyncIterator()
        let poison = try Settlement.test()
        let others = try (0..<7).map { _ in try Settlement.test() }
        let rejection = StoreError(.rejected, "out of range")
        try await running(path) {
            let first = try Settlement.test()
            let settling = Task { try await path.settle(first) }
            let question = try #require(await questions.next())
            let bad = Task { try await path.settle(poison) }
            let good = Task { try await settleAll(others, path) }
            try await eventually { path.queue.withLock { $0.waitingCount } == 8 }
            question.settleAll()
            _ = try await settling.value
            var left = Set(others + [poison])
            while !left.isEmpty {
                let question = try #require(await questions.next())
                if question.settlements.contains(poison) {
                    question.answer(.failure(rejection))
                    if question.settlements.count == 1 { left.remove(poison) }
                } else {
                    left.subtract(question.settlements)
                    question.settleAll()
                }
            }
            #expect(try await good.value.count == 7)
            await #expect(throws: LimiterError.unavailable(rejection, retryAfter: nil)) { try await bad.value }
        }
        #expect(journal.settlements.isEmpty && ends.all.filter { $0 == .failed }.count == 1)
    }

    @Test("an open breaker spares the ledger")
    func openBreaker() async throws {
        let path = path()
        breaker.mode = .forcedOpen
        try await running(path) {
            let receipt = try await path.settle(.test())
            #expect(receipt == .journaled)
        }
        #expect(ledger.asked == 0 && journal.settlements.count == 1)
    }

    @Test("a ledger that does not answer holds nobody up, and is asked again")
    func deadline() async throws {
        let path = path(concurrency: 1, timeout: .milliseconds(50))
        var questions = ledger.questions.makeAsyncIterator()
        var settled = 0
        try await running(path) {
            // On a busy machine some of them do not even get to the ledger in time.
            while ledger.asked < 2 {
                #expect(try await path.settle(.test()) == .journaled)
                settled += 1
            }
            for _ in 0..<ledger.asked { try #require(await questions.next()).settleAll() }
        }
        #expect(journal.settlements.count == settled)
    }

    @Test("a caller that goes away changes nothing")
    func cancelledCaller() async throws {
        let path = path()
        var questions = ledger.questions.makeAsyncIterator()
        try await running(path) {
            let settlement = try Settlement.test()
            let settling = Task { try await path.settle(settlement) }
            let question = try #require(await questions.next())
            settling.cancel()
            question.settleAll()
            #expect(try await settling.value == .settled(cost: 1))
        }
    }

    @Test("a shutdown brings what is here; what comes later goes to the journal")
    func shutdown() async throws {
        let path = path(concurrency: 1)
        var questions = ledger.questions.makeAsyncIterator()
        let running = Task { await path.run() }
        let (first, second) = (try Settlement.test(), try Settlement.test())
        let settlingFirst = Task { try await path.settle(first) }
        let question = try #require(await questions.next())
        let settlingSecond = Task { try await path.settle(second) }
        try await eventually { path.queue.withLock { $0.waitingCount } == 1 }
        path.shutdown()
        #expect(try await path.settle(.test()) == .journaled)
        question.settleAll()
        try #require(await questions.next()).settleAll()
        #expect(try await settlingFirst.value == .settled(cost: 1))
        #expect(try await settlingSecond.value == .settled(cost: 1))
        await running.value
        #expect(journal.settlements.count == 1)
    }

    @Test("when the path is cancelled everything goes to the journal")
    func cancelledPath() async throws {
        let path = path()
        var questions = ledger.questions.makeAsyncIterator()
        let running = Task { await path.run() }
        let settlement = try Settlement.test()
        let settling = Task { try await path.settle(settlement) }
        let question = try #require(await questions.next())
        running.cancel()
        #expect(try await settling.value == .journaled)
        question.settleAll()
        await running.value
        #expect(journal.settlements == [settlement])
    }

    @Test(
        "what neither takes is told",
        arguments: [
            RecordOutcome.lost, .refused(StoreError(.unrecorded, "the journal is full")),
        ])
    func lost(_ outcome: RecordOutcome) async throws {
        let path = path()
        breaker.mode = .forcedOpen
        journal.outcome.withLock { $0 = outcome }
        await #expect(throws: LimiterError.self) { try await path.settle(.test()) }
        #expect(ends.all == [.failed])
    }
}
