import Benchmark
import SluiceCore

/// What a call costs its caller's process, the database left out.
func measurePath() {
    for callers in [256, 1] {
        let calls = callers * (callers == 1 ? 1_000 : 100)
        measure(
            "path: whole, \(callers) in flight", calls: calls, { try Asking(calls: calls) },
            tearDown: { await $0.stop() }, sample: { asking, _ in try await asking.ask(by: callers) })
        measure(
            "path: batcher alone, \(callers) in flight", calls: calls, { try Asking(calls: calls, isWhole: false) },
            tearDown: { await $0.stop() }, sample: { asking, _ in try await asking.ask(by: callers) })
    }
    // Batches fill while others are under way, as they do before a database.
    measure(
        "path: whole, 256 in flight, answers take 1 ms", calls: 25_600,
        { try Asking(calls: 25_600, delay: .milliseconds(1)) },
        tearDown: { await $0.stop() }, sample: { asking, _ in try await asking.ask(by: 256) })
    measure(
        "path: refused from the cache", calls: 10_000,
        {
            let asking = try Asking(calls: 1, isAdmitting: false)
            try await asking.ask(by: 1)
            return asking
        },
        tearDown: { await $0.stop() },
        sample: { asking, calls in
            for _ in 0..<calls { blackHole(try await asking.limiter.admit(asking.calls[0], under: asking.policy)) }
        })
}

/// A limiter at work, and what it is asked.
private struct Asking: Sendable {
    let limiter: any Limiter
    let policy: Policy
    let calls: [Call]
    private let work: Task<Void, Never>
    private let shutdown: @Sendable () -> Void

    init(calls: Int, isWhole: Bool = true, isAdmitting: Bool = true, delay: Duration = .zero) throws {
        policy = try Sample.policy()
        self.calls = try Sample.calls(calls)
        let store = InstantStore(verdict: Verdict(isAdmitted: isAdmitting, under: policy), delay: delay)
        // A machine that has something else to do for a moment is not what is measured.
        let batching = BatcherSettings(timeout: .milliseconds(500))
        guard isWhole else {
            let batcher = Batcher(store: store, settings: batching)
            limiter = batcher
            work = Task { await batcher.run() }
            shutdown = { batcher.shutdown() }
            return
        }
        var settings = AdmissionPath.Settings(batcher: batching)
        settings.breaker.slowAnswer = .seconds(30)
        let path = AdmissionPath(store: store, settings: settings, clock: LedgerClock { Sample.now })
        limiter = path
        work = Task { await path.run() }
        shutdown = { path.shutdown() }
    }

    func stop() async {
        shutdown()
        await work.value
    }

    /// Asks about every call once, each caller about a share of them, one after the other.
    func ask(by callers: Int) async throws {
        guard callers > 1 else { return try await ask(calls[...]) }
        let share = calls.count / callers
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers { group.addTask { try await ask(calls[caller * share..<(caller + 1) * share]) } }
            try await group.waitForAll()
        }
    }

    private func ask(_ calls: ArraySlice<Call>) async throws {
        for call in calls { blackHole(try await limiter.admit(call, under: policy)) }
    }
}
