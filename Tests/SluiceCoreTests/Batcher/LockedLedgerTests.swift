import SluiceTesting
import Testing

@testable import SluiceCore

/// Somebody holds a lock on the ledger itself: for a moment, as a step of a migration does, or for long.
@Suite("Batcher before a locked ledger", .timeLimit(.minutes(10)))
struct LockedLedgerTests {
    private let locked = StoreError(.locked, "somebody holds the ledger")
    private let policy: Policy
    private let store = ScriptedStore()
    private let outcomes = Outcomes()

    init() throws { policy = try .test((1, .seconds(1))) }

    private func batcher(timeout: Duration) -> Batcher {
        Batcher(store: store, settings: BatcherSettings(timeout: timeout)) { [outcomes] outcome, _ in
            outcomes.add(outcome)
        }
    }

    private func ask(_ batcher: Batcher) throws -> Task<Decision, any Error> {
        let call = try Call.test()
        return Task { [policy] in try await batcher.admit(call, under: policy) }
    }

    @Test("a call with time left is tried again, without waiting for its user's lock, and it is no outage")
    func shortLock() async throws {
        let batcher = batcher(timeout: .seconds(3_600))
        async let running: Void = batcher.run()
        var questions = store.questions.makeAsyncIterator()
        let call = try ask(batcher)
        // More often than a busy user is tried without waiting.
        for _ in 0..<5 {
            let question = try #require(await questions.next())
            #expect(!question.waitsForLocks)
            question.answer(.failure(locked))
        }
        try #require(await questions.next()).admitAll()
        guard case .admitted = try await call.value else { throw locked }
        batcher.shutdown()
        await running
        #expect(outcomes.all.count == 1)
        guard case .answered = outcomes.all.first else { throw locked }
    }

    @Test("once a call waited for half of its time it is an outage")
    func longLock() async throws {
        let timeout = Duration.milliseconds(200)
        let batcher = batcher(timeout: timeout)
        async let running: Void = batcher.run()
        var questions = store.questions.makeAsyncIterator()
        let call = try ask(batcher)
        let question = try #require(await questions.next())
        try await eventually { .now > question.deadline.advanced(by: .zero - timeout / 2) }
        question.answer(.failure(locked))
        let others = Task { [store, locked] in
            for await question in store.questions { question.answer(.failure(locked)) }
        }
        await #expect { try await call.value } throws: { error in
            guard case .unavailable(let cause, _) = error as? LimiterError else { return false }
            return cause.kind == .locked || cause.kind == .deadlineExceeded
        }
        batcher.shutdown()
        await running
        others.cancel()
        #expect(!outcomes.all.isEmpty)
        for outcome in outcomes.all {
            guard case .failed(let error) = outcome else { throw locked }
            #expect(error.isOutage)
        }
    }
}
