import Synchronization

/// Lets many callers share one transaction, and answers each in time.
///
/// While a batch is under way, arriving calls gather; the next batch takes them all, when that one is back or when they are many.
/// There is no timer for gathering: an idle batcher sends at once. A caller is answered when its time is over, even if the store ignores that; its call may still be decided.
public final class Batcher: Limiter {
    static let closed = StoreError(.closed, "the limiter was shut down")

    public let settings: BatcherSettings
    let store: any AdmissionStore
    let metrics: any PathMetrics
    let onOutcome: @Sendable (Breaker.Outcome, ContinuousClock.Instant) -> Void
    let state: Mutex<BatcherState>
    /// Wakes the timer when the first call arrives.
    let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - onOutcome: told once per batch how the store did and when it was asked; a batch that failed for what concerns single
    ///     calls, such as a busy user, is left out. Told as well of calls that a stuck store left no way to ask about.
    public init(
        store: any AdmissionStore, settings: BatcherSettings = BatcherSettings(),
        metrics: any PathMetrics = NoMetrics(),
        onOutcome: @escaping @Sendable (Breaker.Outcome, ContinuousClock.Instant) -> Void = { _, _ in }
    ) {
        self.store = store
        self.settings = settings
        self.metrics = metrics
        self.onOutcome = onOutcome
        let machine = BatcherMachine<Ticket>(
            maximumBatch: settings.maximumBatch, concurrency: settings.concurrency, patience: settings.patience)
        state = Mutex(BatcherState(machine: machine))
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// - Throws: ``LimiterError/unavailable(_:retryAfter:)`` with the store's error, with ``StoreError/Kind/deadlineExceeded`` when the
    ///   time is over, with ``StoreError/Kind/closed`` after shutdown; ``LimiterError/cancelled`` when the caller was.
    public nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision {
        guard !Task.isCancelled else { throw .cancelled }
        let ticket = Ticket()
        let answer = await withTaskCancellationHandler {
            await ticket.answer { arrive(call, under: policy, ticket) }
        } onCancel: {
            ticket.cancel()
        }
        switch answer {
        case .success(let decision): return decision
        case .failure(let error): throw .unavailable(error, retryAfter: nil)
        case nil: throw .cancelled
        }
    }

    public func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        let deadline = ContinuousClock.now.advanced(by: settings.timeout)
        let answer = await punctual(by: deadline) { [store] () async throws(StoreError) in
            try await store.peek(user, weight: weight, under: policy, deadline: deadline)
        }
        switch answer {
        case .success(let peek): return peek
        case .failure where Task.isCancelled: throw .cancelled
        case .failure(let error): throw .unavailable(error, retryAfter: nil)
        }
    }

    /// Sends batches until ``shutdown()``, and then until every call was answered; or until the task is cancelled, which answers
    /// all calls as closed. Called once; calls that arrive before it wait for it.
    public func run() async {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning && state.phase == .open
        }
        guard isFirst else { return }
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepDeadlines() }
                await withDiscardingTaskGroup { workers in
                    // As many again wait for locks.
                    for _ in 0..<2 * max(1, settings.concurrency) { workers.addTask { await self.work() } }
                }
                group.cancelAll()
            }
        } onCancel: {
            close()
        }
        close()
    }

    /// Takes no more calls and lets ``run()`` return when those that are here were answered.
    public func shutdown() {
        let dismissals = state.withLock { state -> [BatcherState.Assignment]? in
            guard state.isRunning, state.phase == .open else { return nil }
            state.phase = .draining
            return state.assignments(at: .now)
        }
        guard let dismissals else { return close(.open) }
        dismissals.forEach { $0.tell() }
    }

    private func arrive(_ call: Call, under policy: Policy, _ ticket: Ticket) {
        let now = ContinuousClock.now
        let deadline = now.advanced(by: settings.timeout)
        let reaction = state.withLock {
            $0.arrived(.init(call: call, policy: policy, deadline: deadline, token: ticket), at: now)
        }
        guard let reaction else { return ticket.keep(.failure(Self.closed)) }
        if reaction.wakesTimer { arrived.yield() }
        reaction.assignments.forEach { $0.tell() }
    }

    private func close(_ phases: BatcherState.Phase...) {
        let tickets = state.withLock { state -> [Ticket] in
            guard phases.isEmpty || phases.contains(state.phase) else { return [] }
            state.phase = .closed
            return state.machine.close()
        }
        dismissParked()
        tickets.forEach { $0.keep(.failure(Self.closed)) }
    }

    private func dismissParked() {
        let workers = state.withLock { state in
            defer { state.parked = [] }
            return state.phase == .open ? [] : state.parked
        }
        workers.forEach { $0.resume(returning: nil) }
    }
}
