import Synchronization

/// The calls that are under way, so that a shutdown can end and await them.
final class RunningCalls: Sendable {
    private struct Shared {
        var next = 0
        var isClosed = false
        var calls: [Int: Call] = [:]
    }

    private struct Call {
        let work: Task<Void, Never>
        let stop: @Sendable () -> Void
    }

    private let shared = Mutex(Shared())

    var count: Int { shared.withLock { $0.calls.count } }

    /// Runs `work`, then `afterwards`, which is never cancelled.
    ///
    /// - Parameter executor: where both run; `nil` for anywhere.
    /// - Returns: a way to cancel `work`; `nil` when nothing is started any more.
    func start<Result: Sendable>(
        on executor: (any TaskExecutor)? = nil, _ work: @escaping @Sendable () async -> Result,
        afterwards: @escaping @Sendable (Result) async -> Void
    ) -> (@Sendable () -> Void)? {
        shared.withLock { shared in
            guard !shared.isClosed else { return nil }
            let id = shared.next
            shared.next += 1
            let task = Task(executorPreference: executor) { await work() }
            let stop: @Sendable () -> Void = { task.cancel() }
            // The lock is held until the call is in the table: it can't be taken out before.
            let all = Task(executorPreference: executor) {
                await afterwards(task.value)
                _ = self.shared.withLock { $0.calls.removeValue(forKey: id) }
            }
            shared.calls[id] = Call(work: all, stop: stop)
            return stop
        }
    }

    /// Cancels what is under way and returns when the last has ended.
    func close() async {
        let calls = shared.withLock { shared in
            shared.isClosed = true
            return Array(shared.calls.values)
        }
        for call in calls { call.stop() }
        for call in calls { await call.work.value }
    }
}
