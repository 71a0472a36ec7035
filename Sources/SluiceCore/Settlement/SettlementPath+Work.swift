import Synchronization

extension SettlementPath {
    /// Deadlines within this time are seen to together.
    private static var tick: Duration { .milliseconds(5) }
    private static var firstPause: Duration { .milliseconds(2) }
    private static var longestPause: Duration { .milliseconds(100) }

    /// Sends batches as long as there is something to send.
    func bringAll() async {
        await withDiscardingTaskGroup { group in
            for await _ in events {
                if settings.linger > .zero, !queue.withLock({ $0.isDone }) {
                    try? await Task.sleep(for: settings.linger)
                }
                while let batch = queue.withLock({ $0.nextBatch { $0.isKept } }) {
                    group.addTask { await self.bring(batch) }
                }
                if queue.withLock({ $0.isDone }) { break }
            }
        }
    }

    /// Answers settlements whose time is over, until the task is cancelled.
    func keepDeadlines() async {
        for await _ in arrivals {
            while let due = seeToDeadlines() {
                let wake = max(due, .now.advanced(by: Self.tick))
                guard (try? await Task.sleep(until: wake, clock: .continuous)) != nil else { return }
            }
        }
    }

    private func seeToDeadlines() -> ContinuousClock.Instant? {
        let (expired, next) = queue.withLock { queue in
            (queue.expire(at: .now) { $0.isKept }, queue.nextDeadline)
        }
        let error = StoreError(.deadlineExceeded, "not settled within \(settings.timeout)")
        expired.forEach { $0.keep(.failure(error)) }
        return next
    }

    private func bring(_ batch: [Queue.Entry]) async {
        let results = await ask(batch)
        var busy: [Queue.Entry] = []
        for (entry, result) in zip(batch, results) {
            if result.isToBeTriedAgain, .now < entry.deadline { busy.append(entry) } else { entry.token.keep(result) }
        }
        queue.withLock { queue in
            queue.returned(batch)
            queue.ended(batch.count - busy.count)
        }
        happened.yield()
        guard !busy.isEmpty else { return }
        await pause(for: busy.map(\.attempts).max() ?? 0)
        for index in busy.indices { busy[index].attempts += 1 }
        queue.withLock { $0.again(busy) }
        happened.yield()
    }

    private func ask(_ batch: [Queue.Entry]) async -> [Result<SettlementOutcome, StoreError>] {
        if let cause = breaker.refusal { return batch.map { _ in .failure(cause) } }
        let deadline = batch.map(\.deadline).max() ?? .now
        return await courier.bring(batch.map(\.settlement)[...], by: deadline)
    }

    /// Whoever holds the lock settles as we do, which takes some milliseconds.
    private func pause(for attempts: Int) async {
        let pause = min(Self.longestPause, Self.firstPause * (1 << min(attempts, 10)))
        try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
    }
}

extension Result<SettlementOutcome, StoreError> {
    /// Whether nothing was added, for a reason that goes by.
    fileprivate var isToBeTriedAgain: Bool {
        switch self {
        case .success(.busy): true
        case .failure(let error): error.kind == .contended
        case .success: false
        }
    }
}
