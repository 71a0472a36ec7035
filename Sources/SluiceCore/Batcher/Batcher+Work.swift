import Synchronization

extension Batcher {
    private typealias Batch = BatcherState.Machine.Batch
    private typealias Entry = BatcherState.Machine.Entry

    /// Deadlines within this time are seen to together.
    private static var tick: Duration { .milliseconds(1) }

    /// One worker: sends one batch after another until the batcher is closed.
    func work() async {
        var next = await nextBatch(after: nil, again: [])
        while let batch = next {
            let again = await decide(batch)
            // Lets the callers just answered run first: what they ask next belongs into the next batch. A lone caller wakes the
            // worker anyway, and would only wait for it to run once more.
            if batch.entries.count > 1 || isAnyoneWaiting { await Task.yield() }
            next = await nextBatch(after: batch, again: again)
        }
    }

    /// Answers calls whose time is over, and lets others pass a batch that hangs, until the task is cancelled.
    func keepDeadlines() async {
        for await _ in arrivals {
            while let next = look() {
                let wake = max(next, .now.advanced(by: Self.tick))
                guard (try? await Task.sleep(until: wake, clock: .continuous)) != nil else { return }
            }
        }
    }

    private var isAnyoneWaiting: Bool { state.withLock { $0.machine.waiting > 0 } }

    private func look() -> ContinuousClock.Instant? {
        let tick = state.withLock { $0.tick(at: .now, timeout: settings.timeout) }
        tick.assignments.forEach { $0.tell() }
        guard !tick.expired.isEmpty || !tick.failed.isEmpty else { return tick.next }
        let error = StoreError(.deadlineExceeded, "no decision within \(settings.timeout)")
        tick.expired.forEach { $0.keep(.failure(error)) }
        for askedAt in tick.failed { onOutcome(.failed(error), askedAt) }
        return tick.next
    }

    private func nextBatch(after done: Batch?, again: [Entry]) async -> Batch? {
        await withCheckedContinuation { worker in
            let (mine, others) = state.withLock { state in
                if let done { state.finished(done, again: again) }
                let now = ContinuousClock.now
                let mine = state.nextBatch(for: worker, at: now)
                return (mine, state.assignments(at: now))
            }
            others.forEach { $0.tell() }
            if let mine { worker.resume(returning: mine) }
        }
    }

    /// Sends a batch and answers its callers.
    ///
    /// - Returns: the calls to try again.
    private func decide(_ batch: Batch) async -> [Entry] {
        metrics.batchSent(calls: batch.entries.count, waiting: state.withLock { $0.machine.waiting })
        let start = ContinuousClock.now
        let (results, failure) = await ask(batch)
        let end = ContinuousClock.now
        let isTimely = state.withLock { $0.machine.isTimely(batch) }
        // What was spent on waiting for one user's lock says nothing of the database.
        let spent = batch.waitsForLock ? .zero : start.duration(to: end)
        let isPassing = isLockPassing(batch, at: end)
        let outcome = Self.outcome(of: results, after: spent, isLockPassing: isPassing)
        if isTimely, let outcome { onOutcome(outcome, batch.sentAt) }
        metrics.batchAnswered(calls: batch.entries.count, after: start.duration(to: end), error: failure)
        tellFailures(of: results)
        return answer(batch, with: results, askedAt: start, at: end)
    }

    /// - Returns: the calls to try again.
    private func answer(
        _ batch: Batch, with results: [Result<Decision, StoreError>], askedAt start: ContinuousClock.Instant,
        at end: ContinuousClock.Instant
    ) -> [Entry] {
        var again: [Entry] = []
        var callers: [UnsafeContinuation<Void, Never>] = []
        callers.reserveCapacity(batch.entries.count)
        for (entry, result) in zip(batch.entries, results) {
            if case .failure(let error) = result, let retry = batch.retry(of: entry, after: error, at: end) {
                again.append(retry)
            } else {
                if let caller = entry.token.take(result) { callers.append(caller) }
                if case .success(.refused(let refusal)) = result, end < start.advanced(by: refusal.retryAfter) {
                    refuseAlike(entry, refusal)
                }
            }
        }
        callers.forEach { $0.resume() }
        return again
    }

    private func tellFailures(of results: [Result<Decision, StoreError>]) {
        var failures: [StoreError.Kind: (error: StoreError, calls: Int)] = [:]
        for case .failure(let error) in results { failures[error.kind, default: (error, 0)].calls += 1 }
        for failure in failures.values { metrics.storeFailed(failure.error, calls: failure.calls) }
    }

    /// Until it ends, a refusal holds for every call alike that waits behind it: the window cannot have room sooner. So a flood
    /// of one user's calls does not wait for its turn until its time is over, and slips through nowhere.
    private func refuseAlike(_ entry: Entry, _ refusal: Refusal) {
        let alike = state.withLock { $0.machine.takeAlike(entry) }
        alike.forEach { $0.keep(.success(.refused(refusal.shared))) }
    }

    private func ask(_ batch: Batch) async -> (results: [Result<Decision, StoreError>], failure: StoreError?) {
        let calls = batch.entries.map(\.call)
        do throws(StoreError) {
            let results = try await store.admit(
                calls, under: batch.policy, waitingForLocks: batch.waitsForLock, deadline: batch.deadline)
            guard results.count == calls.count else {
                throw StoreError(.schema, "the store gave \(results.count) answers to \(calls.count) calls")
            }
            return (results, nil)
        } catch {
            return (calls.map { _ in .failure(error) }, error)
        }
    }

    /// Whether a lock on the ledger itself would be no outage yet: a step of a migration holds one for a moment, and calls that
    /// have more than half of their time left can sit it out.
    private func isLockPassing(_ batch: Batch, at now: ContinuousClock.Instant) -> Bool {
        batch.entries.allSatisfy { now.duration(to: $0.deadline) > settings.timeout / 2 }
    }

    /// What a batch says of the database: `nil` when a call failed for what concerns it alone, or when the store was closed.
    private static func outcome(
        of results: [Result<Decision, StoreError>], after duration: Duration, isLockPassing: Bool
    ) -> Breaker.Outcome? {
        var outage: StoreError?
        var isAnswered = false
        for result in results {
            switch result {
            case .success: isAnswered = true
            case .failure(let error) where error.kind == .locked && isLockPassing: return nil
            case .failure(let error) where error.isOutage: outage = outage ?? error
            case .failure: return nil
            }
        }
        if let outage, !isAnswered { return .failed(outage) }
        return .answered(after: duration)
    }
}
