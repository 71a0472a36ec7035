import SluiceTesting
import Synchronization
import Testing

@testable import SluiceCore

/// One batch does not come back: on a connection that died, for example.
@Suite("Batcher with a batch that hangs", .timeLimit(.minutes(10)))
struct HangingBatchTests {
    private let policy: Policy
    private let store = ScriptedStore()
    private let batcher: Batcher

    init() throws {
        policy = try .test((1, .seconds(1)))
        batcher = Batcher(store: store, settings: BatcherSettings(timeout: .seconds(60)))
    }

    private func ask() throws -> Task<Decision?, any Error> {
        let call = try Call.test()
        return Task { [batcher, policy] in try await batcher.admit(call, under: policy) }
    }

    @Test("those who wait behind it go beside it, though nothing else happens")
    func othersPass() async throws {
        async let running: Void = batcher.run()
        var questions = store.questions.makeAsyncIterator()
        let stuck = try ask()
        let hung = try #require(await questions.next())
        let others = try (0..<3).map { _ in try ask() }
        var answered = 0
        while answered < others.count {
            let question = try #require(await questions.next())
            answered += question.calls.count
            question.admitAll()
        }
        for other in others { #expect(try await other.value != nil) }
        hung.admitAll()
        #expect(try await stuck.value != nil)
        batcher.shutdown()
        await running
    }

    @Test("a shutdown does not leave them behind it")
    func shutdown() async throws {
        async let running: Void = batcher.run()
        var questions = store.questions.makeAsyncIterator()
        let stuck = try ask()
        let hung = try #require(await questions.next())
        let other = try ask()
        try await eventually { batcher.state.withLock { $0.machine.waiting > 0 } || store.asked > 1 }
        batcher.shutdown()
        try #require(await questions.next()).admitAll()
        #expect(try await other.value != nil)
        hung.admitAll()
        #expect(try await stuck.value != nil)
        await running
    }
}
