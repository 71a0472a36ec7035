import SluiceTesting
import Synchronization
import Testing

@testable import SluiceCore

@Suite("Batcher", .timeLimit(.minutes(10)))
struct BatcherTests {
    private typealias Questions = AsyncStream<ScriptedStore.Question>.Iterator

    private static let patient = BatcherSettings(timeout: .seconds(60))
    private let policy: Policy

    init() throws {
        policy = try .test((1, .seconds(1)))
    }

    private func with(
        _ settings: BatcherSettings = patient,
        onOutcome: @escaping @Sendable (Breaker.Outcome, ContinuousClock.Instant) -> Void = { _, _ in },
        _ body: (Batcher, inout Questions) async throws -> Void
    ) async throws {
        let store = ScriptedStore()
        let batcher = Batcher(store: store, settings: settings, onOutcome: onOutcome)
        var questions = store.questions.makeAsyncIterator()
        async let running: Void = batcher.run()
        defer { batcher.shutdown() }
        try await body(batcher, &questions)
        batcher.shutdown()
        await running
    }

    private func ask(_ batcher: Batcher, _ call: Call) -> Task<Decision?, any Error> {
        Task { [policy] in try await batcher.admit(call, under: policy) }
    }

    private func waiting(_ batcher: Batcher) -> Int { batcher.state.withLock { $0.machine.waiting } }

    @Test("a lone call goes at once; what arrives meanwhile goes together when a worker is free")
    func gathers() async throws {
        try await with(BatcherSettings(maximumBatch: 50, concurrency: 1, timeout: .seconds(60))) { batcher, questions in
            let first = ask(batcher, try .test())
            let lone = try #require(await questions.next())
            #expect(lone.calls.count == 1)
            let others = try (0..<60).map { _ in ask(batcher, try .test()) }
            try await eventually { waiting(batcher) == 60 }
            lone.admitAll()
            #expect(try await first.value != nil)
            for size in [50, 10] {
                let batch = try #require(await questions.next())
                #expect(batch.calls.count == size)
                batch.admitAll()
            }
            for other in others { #expect(try await other.value?.admission?.mode == .enforced) }
        }
    }

    @Test("each caller gets the answer to its own call")
    func ownAnswers() async throws {
        let memory = MemoryStore { Timestamp(microseconds: 0) }
        let batcher = Batcher(store: memory, settings: Self.patient)
        async let running: Void = batcher.run()
        let policy = try Policy.test((1, .seconds(10)))
        try await withThrowingTaskGroup(of: (CallID, CallID?).self) { group in
            for _ in 0..<500 {
                group.addTask {
                    let call = try Call.test()
                    return (call.id, try await batcher.admit(call, under: policy).admission?.callID)
                }
            }
            for try await (asked, answered) in group { #expect(asked == answered) }
        }
        batcher.shutdown()
        await running
    }

    /// On a busy machine a call may run out of time before it is sent, so each step is repeated until it was.
    @Test("a store that ignores the deadline does not hold up its callers, and is told of once")
    func deadline() async throws {
        let outcomes = Mutex<[Breaker.Outcome]>([])
        let settings = BatcherSettings(timeout: .milliseconds(700))
        let store = ScriptedStore()
        let batcher = Batcher(store: store, settings: settings) { outcome, _ in outcomes.withLock { $0.append(outcome) }
        }
        async let running: Void = batcher.run()
        defer { batcher.shutdown() }
        let user = UserID.fresh()
        let before = ContinuousClock.now
        var late: [CallID] = []
        repeat {
            let calls = [try Call.test(user), try Call.test(user)]
            late += calls.map(\.id)
            for task in calls.map({ ask(batcher, $0) }) {
                let error = await #expect(throws: LimiterError.self) { try await task.value }
                guard case .unavailable(let cause, nil) = error else { throw StoreError.lost }
                #expect(cause.kind == .deadlineExceeded)
            }
        } while store.asked == 0
        var questions = store.questions.makeAsyncIterator()
        let hung = try #require(await questions.next())
        #expect(hung.deadline >= before + settings.timeout && hung.deadline <= .now)
        try await eventually { outcomes.withLock { $0.count } == 1 }
        hung.admitAll()
        let answering = Task { await store.admitEverything() }
        // An answer on the very deadline may reach its caller and count as failed.
        while !outcomes.withLock({ $0.contains { if case .answered = $0 { true } else { false } } }) {
            _ = try? await ask(batcher, .test(user)).value
        }
        batcher.shutdown()
        await running
        answering.cancel()
        #expect(await answering.value.isDisjoint(with: late), "an expired call that waited was not sent")
        guard case .failed(let error) = outcomes.withLock({ $0.first }) else { throw StoreError.lost }
        #expect(error.kind == .deadlineExceeded)
    }

    @Test("a busy user fails nobody else, and is tried again for as long as there is time")
    func contended() async throws {
        let outcomes = Mutex(0)
        try await with(
            BatcherSettings(concurrency: 1, timeout: .seconds(60)), onOutcome: { _, _ in outcomes.withLock { $0 += 1 } }
        ) { batcher, questions in
            let blocker = ask(batcher, try .test())
            let first = try #require(await questions.next())
            let busy = UserID.fresh()
            let (poor, lucky) = (ask(batcher, try .test(busy)), ask(batcher, try .test()))
            try await eventually { waiting(batcher) == 2 }
            first.admitAll()
            for attempt in 1...5 {
                let batch = try #require(await questions.next())
                #expect(batch.calls.count == (attempt == 1 ? 2 : 1))
                batch.admitAll(but: busy)
                if attempt == 1 { #expect(try await lucky.value != nil) }
            }
            try #require(await questions.next()).admitAll()
            #expect(try await poor.value != nil)
            #expect(try await blocker.value != nil)
        }
        #expect(outcomes.withLock { $0 } == 2, "what a busy user spent says nothing of the database")
    }

    private final class Failures: PathMetrics {
        let calls = Mutex<[StoreError.Kind: Int]>([:])
        func storeFailed(_ error: StoreError, calls count: Int) {
            calls.withLock { $0[error.kind, default: 0] += count }
        }
    }

    @Test("a refusal is an answer like any other; missing partitions say nothing of the database")
    func noFailures() async throws {
        let outcomes = Outcomes()
        try await with(onOutcome: { outcome, _ in outcomes.add(outcome) }) { batcher, questions in
            let refused = ask(batcher, try .test())
            let question = try #require(await questions.next())
            question.answer(.success([.success(.refused(for: .seconds(1), under: question.policy))]))
            #expect(try await refused.value?.refusal != nil)
            let missing = StoreError(.missingPartition, "no partition for the day")
            let unlucky = ask(batcher, try .test())
            for _ in 0..<2 { try #require(await questions.next()).answer(.failure(missing)) }
            await #expect(throws: LimiterError.unavailable(missing, retryAfter: nil)) { try await unlucky.value }
        }
        #expect(outcomes.all.count == 1)
        guard case .answered = outcomes.all.first else { throw StoreError.lost }
    }

    @Test("one poisoned call of a batch fails alone, says nothing of the database, and is counted by kind")
    func poisoned() async throws {
        let (store, failures, outcomes) = (ScriptedStore(), Failures(), Outcomes())
        let settings = BatcherSettings(concurrency: 1, timeout: .seconds(60))
        let batcher = Batcher(store: store, settings: settings, metrics: failures) { outcome, _ in outcomes.add(outcome)
        }
        var questions = store.questions.makeAsyncIterator()
        async let running: Void = batcher.run()
        let blocker = ask(batcher, try .test())
        let first = try #require(await questions.next())
        let poison = try Call.test()
        let (poor, fine) = (ask(batcher, poison), try (0..<5).map { _ in ask(batcher, try .test()) })
        try await eventually { waiting(batcher) == 6 }
        first.admitAll()
        let rejection = StoreError(.rejected, "not for the ledger")
        for size in [6, 1, 1, 1, 1, 1, 1] {
            let batch = try #require(await questions.next())
            #expect(batch.calls.count == size)
            if batch.calls.contains(poison) { batch.answer(.failure(rejection)) } else { batch.admitAll() }
        }
        await #expect(throws: LimiterError.unavailable(rejection, retryAfter: nil)) { try await poor.value }
        for task in fine + [blocker] { #expect(try await task.value?.admission != nil) }
        batcher.shutdown()
        await running
        #expect(failures.calls.withLock { $0 } == [.rejected: 7])
        #expect(outcomes.all.count == 6, "of the batches that were decided")
    }

    @Test("a refusal answers the calls alike that wait behind it, and no other")
    func flood() async throws {
        try await with(BatcherSettings(maximumBatch: 1, concurrency: 1, timeout: .seconds(60))) { batcher, questions in
            let user = UserID.fresh()
            let first = ask(batcher, try .test(user))
            let asked = try #require(await questions.next())
            let alike = try (0..<20).map { _ in ask(batcher, try .test(user)) }
            try await eventually { waiting(batcher) == 20 }
            let heavier = ask(batcher, try .test(user, weight: 2))
            try await eventually { waiting(batcher) == 21 }
            let refusal = Decision.refused(for: .seconds(600), under: asked.policy)
            asked.answer(.success([.success(refusal)]))
            #expect(try await first.value == refusal)
            // Decided before they came, so no cache keeps it from their asking on.
            guard case .refused(let answer) = refusal else { return }
            for task in alike { #expect(try await task.value == .refused(answer.shared)) }
            let next = try #require(await questions.next())
            #expect(next.calls.map(\.weight) == [2])
            next.admitAll()
            #expect(try await heavier.value != nil)
        }
    }

    @Test("a refusal that may be over by the time it comes answers nobody else")
    func staleRefusal() async throws {
        try await with(BatcherSettings(maximumBatch: 1, concurrency: 1, timeout: .seconds(60))) { batcher, questions in
            let user = UserID.fresh()
            let first = ask(batcher, try .test(user))
            let asked = try #require(await questions.next())
            let second = ask(batcher, try .test(user))
            try await eventually { waiting(batcher) == 1 }
            let refusal = Decision.refused(for: .microseconds(1), under: asked.policy)
            asked.answer(.success([.success(refusal)]))
            #expect(try await first.value == refusal)
            try #require(await questions.next()).admitAll()
            #expect(try await second.value != refusal)
        }
    }

    @Test("a batch that fails, or that the store miscounts, fails its callers and nobody else")
    func failures() async throws {
        let outcomes = Mutex<[Breaker.Outcome]>([])
        try await with(onOutcome: { outcome, _ in outcomes.withLock { $0.append(outcome) } }) { batcher, questions in
            let failed = ask(batcher, try .test())
            try #require(await questions.next()).answer(.failure(.lost))
            await #expect(throws: LimiterError.unavailable(.lost, retryAfter: nil)) { try await failed.value }
            let miscounted = ask(batcher, try .test())
            try #require(await questions.next()).answer(.success([]))
            await #expect(throws: LimiterError.self) { try await miscounted.value }
            let fine = ask(batcher, try .test())
            try #require(await questions.next()).admitAll()
            #expect(try await fine.value != nil)
        }
        #expect(outcomes.withLock { $0.first } == .failed(.lost))
        #expect(outcomes.withLock { $0.count } == 3)
    }

    @Test("a cancelled caller goes at once; its call is still decided")
    func cancellation() async throws {
        try await with { batcher, questions in
            let call = try Call.test()
            let task = ask(batcher, call)
            let batch = try #require(await questions.next())
            task.cancel()
            await #expect(throws: LimiterError.cancelled) { try await task.value }
            #expect(batch.calls == [call])
            batch.admitAll()
            let gone = Task { [policy] in
                withUnsafeCurrentTask { $0?.cancel() }
                return try await batcher.admit(try .test(), under: policy)
            }
            await #expect(throws: LimiterError.cancelled) { try await gone.value }
        }
    }

    @Test("shutdown decides what is there, also what waits, and takes no more")
    func shutdown() async throws {
        let store = ScriptedStore()
        let batcher = Batcher(store: store, settings: BatcherSettings(concurrency: 2, timeout: .seconds(60)))
        var questions = store.questions.makeAsyncIterator()
        async let running: Void = batcher.run()
        let user = UserID.fresh()
        let sent = ask(batcher, try .test(user))
        let batch = try #require(await questions.next())
        let queued = ask(batcher, try .test(user))
        try await eventually { waiting(batcher) == 1 }
        batcher.shutdown()
        let late = await #expect(throws: LimiterError.self) { try await ask(batcher, try .test()).value }
        guard case .unavailable(let cause, _) = late else { throw StoreError.lost }
        #expect(cause.kind == .closed)
        batch.admitAll()
        try #require(await questions.next()).admitAll()
        #expect(try await sent.value != nil)
        #expect(try await queued.value != nil)
        await running
    }

    @Test("cancelling run answers everybody as closed, before the store comes back")
    func cancelledRun() async throws {
        let store = ScriptedStore()
        let batcher = Batcher(store: store, settings: BatcherSettings(concurrency: 1, timeout: .seconds(60)))
        var questions = store.questions.makeAsyncIterator()
        let running = Task { await batcher.run() }
        let sent = ask(batcher, try .test())
        let batch = try #require(await questions.next())
        let queued = ask(batcher, try .test())
        try await eventually { waiting(batcher) == 1 }
        running.cancel()
        for task in [sent, queued] { await #expect(throws: LimiterError.self) { try await task.value } }
        batch.admitAll()
        await running.value
        let never = Batcher(store: store)
        never.shutdown()
        await never.run()
        await #expect(throws: LimiterError.self) { try await ask(never, try .test()).value }
    }
}
