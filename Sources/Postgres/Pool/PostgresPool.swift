public import Logging
import Synchronization

/// Connections that many tasks share.
///
/// ```swift
/// let pool = PostgresPool(configuration: configuration, logger: logger)
/// await withTaskGroup(of: Void.self) { group in
///     group.addTask { await pool.run() }
///     let rows = try await pool.query("SELECT \(1)", deadline: .now + .seconds(1))
/// }
/// ```
/// Connections are made when they are needed, lent to one task at a time in the order of asking, and replaced when they break.
/// When the server cannot be reached, the pool keeps trying with growing pauses and works again by itself; whoever
/// waits meanwhile is failed as soon as no connection can come before its deadline. Everything in the background is a child
/// of ``run()``.
public final class PostgresPool: Sendable {
    private typealias Waiter = CheckedContinuation<Result<PoolLease, PostgresError>, Never>

    private struct State {
        var machine: PoolMachine
        var connections: [PoolMachine.ConnectionID: PostgresConnection] = [:]
        var waiters: [WaiterQueue.ID: Waiter] = [:]
        var lastWaiter: WaiterQueue.ID = 0
        var lastConnectError: PostgresError?
        var timer: EpollExecutor.Token?
        var wasRun = false
    }

    /// Work for `run`.
    private enum Errand: Sendable {
        case connect(PoolMachine.ConnectionID)
        case settle(PoolLease)
    }

    /// What is left to do once the lock is released.
    private enum Delivery {
        case resume(Waiter, Result<PoolLease, PostgresError>)
        case errand(Errand)
        case close(PostgresConnection)
        case wake(EpollExecutor.Token, at: ContinuousClock.Instant)
        case finish
    }

    private let configuration: PostgresConfiguration
    private let settings: PostgresPoolSettings
    private let executor: EpollExecutor
    private let logger: Logger
    private let metrics: PostgresPoolMetrics
    private let chance: @Sendable () -> Double
    private let state: Mutex<State>
    private let errands: AsyncStream<Errand>
    private let errandsContinuation: AsyncStream<Errand>.Continuation

    /// Makes nothing yet: connections come while ``run()`` runs.
    ///
    /// - Parameters:
    ///   - executor: the loop that the connections live on.
    ///   - chance: a number from 0 to 1 for the jitter of the pauses between attempts to connect.
    public init(
        configuration: PostgresConfiguration, settings: PostgresPoolSettings = PostgresPoolSettings(),
        executor: EpollExecutor = .shared, logger: Logger,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.configuration = configuration
        self.settings = settings.sane
        self.executor = executor
        self.logger = logger
        self.chance = chance
        metrics = PostgresPoolMetrics(pool: settings.name)
        state = Mutex(State(machine: PoolMachine(settings: settings.sane)))
        (errands, errandsContinuation) = AsyncStream.makeStream()
        let timer = executor.makeTimer { [weak self] in self?.timeReached() }
        state.withLock { $0.timer = timer }
    }

    deinit {
        finish()
    }

    /// Makes, mends and closes connections until ``shutdown(deadline:)`` has done its work, or the task is cancelled, which
    /// shuts down without grace. To be called once.
    public func run() async {
        let isFirst = state.withLock { state in
            defer { state.wasRun = true }
            return !state.wasRun
        }
        precondition(isFirst, "run() of a pool is to be called once")
        handle { state, now in state.machine.started(at: now) }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await errand in errands { group.addTask { await self.perform(errand) } }
                // What is still being connected comes too late.
                group.cancelAll()
            }
        } onCancel: {
            shutdown(deadline: .now)
        }
        // The last connections are closed on the loop, which has that to do by now.
        await executor.catchUp()
    }

    /// Lends nothing more and fails who waits; closes what comes back, and at the deadline what has not, cancelling its
    /// statements. ``run()`` returns when that is done. Can be called again with a sooner deadline.
    public func shutdown(deadline: ContinuousClock.Instant) {
        handle { state, now in
            let effects = state.machine.shutDown(deadline: deadline)
            return deadline <= now ? effects + state.machine.timeReached(at: now) : effects
        }
    }

    /// How many connections there are, and callers that wait.
    var counts: PoolMachine.Counts { state.withLock { $0.machine.counts } }

    // MARK: Lending

    /// Waits for a connection. Whoever gets one must give it to `release`.
    nonisolated(nonsending) func lease(deadline: ContinuousClock.Instant?) async throws(PostgresError) -> PoolLease {
        if let lease = leaseIdle() { return lease }
        let start = ContinuousClock.now
        let latest = start + settings.acquireTimeout
        let limit = min(deadline ?? latest, latest)
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                handle { state, now in
                    state.waiters[id] = waiter
                    // The handler below may have run already, when there was nobody to find.
                    if Task.isCancelled { return [] }
                    return state.machine.leaseRequested(by: id, deadline: limit, at: now)
                }
                if Task.isCancelled { leave(id) }
            }
        } onCancel: {
            leave(id)
        }
        metrics.acquired(after: .now - start)
        return try outcome.get()
    }

    func release(_ lease: PoolLease) {
        let isClean = lease.connection.health.isClean
        handle { state, now in state.machine.released(lease.id, isClean: isClean, at: now) }
    }

    private func leaseIdle() -> PoolLease? {
        let (lease, counts) = state.withLock { state -> (PoolLease?, PoolMachine.Counts) in
            guard let id = state.machine.leaseIdle(), let connection = state.connections[id] else {
                return (nil, state.machine.counts)
            }
            return (PoolLease(id: id, connection: connection), state.machine.counts)
        }
        guard let lease else { return nil }
        metrics.record(counts)
        metrics.acquired(after: .zero)
        return lease
    }

    private func leave(_ id: WaiterQueue.ID) {
        let waiter = state.withLock { state -> Waiter? in
            // Whoever has been lent a connection or failed is resumed by that.
            guard state.waiters[id] != nil else { return nil }
            _ = state.machine.waiterLeft(id)
            return state.waiters.removeValue(forKey: id)
        }
        let error = PostgresError(.cancelled, "cancelled while waiting for a connection")
        waiter?.resume(returning: .failure(error))
    }

    // MARK: Events and effects

    /// Lets the machine decide under the lock, and does what it says after.
    private func handle(_ event: (inout State, ContinuousClock.Instant) -> [PoolMachine.Effect]) {
        let now = ContinuousClock.now
        let (deliveries, counts) = state.withLock { state in
            let effects = event(&state, now)
            return (effects.compactMap { Self.prepare($0, &state) }, state.machine.counts)
        }
        metrics.record(counts)
        for delivery in deliveries {
            switch delivery {
            case .resume(let waiter, let result): waiter.resume(returning: result)
            case .errand(let errand): errandsContinuation.yield(errand)
            case .close(let connection): executor.post { connection.assumeIsolated { $0.close() } }
            case .wake(let timer, let time): executor.bringForward(timer, to: time)
            case .finish: finish()
            }
        }
    }

    private func finish() {
        errandsContinuation.finish()
        let timer = state.withLock { state in
            defer { state.timer = nil }
            return state.timer
        }
        if let timer { executor.remove(timer) }
    }

    private static func prepare(_ effect: PoolMachine.Effect, _ state: inout State) -> Delivery? {
        switch effect {
        case .connect(let id):
            return .errand(.connect(id))
        case .lend(let id, let waiter):
            guard let connection = state.connections[id], let waiter = state.waiters.removeValue(forKey: waiter)
            else { return nil }
            return .resume(waiter, .success(PoolLease(id: id, connection: connection)))
        case .fail(let waiter, let failure):
            guard let waiter = state.waiters.removeValue(forKey: waiter) else { return nil }
            return .resume(waiter, .failure(error(for: failure, state)))
        case .close(let id):
            return state.connections.removeValue(forKey: id).map { .close($0) }
        case .settle(let id):
            return state.connections[id].map { .errand(.settle(PoolLease(id: id, connection: $0))) }
        case .wake(let time):
            return state.timer.map { .wake($0, at: time) }
        case .finish:
            return .finish
        }
    }

    private static func error(for failure: PoolMachine.Failure, _ state: State) -> PostgresError {
        switch failure {
        case .timeout: PostgresError(.poolTimeout, "no connection became free before the deadline")
        case .closed: PostgresError(.poolClosed, "the pool was shut down")
        case .unreachable: state.lastConnectError ?? PostgresError(.connectionFailed, "no connection could be made")
        }
    }

    private func timeReached() {
        handle { state, now in state.machine.timeReached(at: now) }
    }

    // MARK: Errands

    private func perform(_ errand: Errand) async {
        switch errand {
        case .connect(let id):
            await connect(id)
        case .settle(let lease):
            let isClean = await lease.connection.settle()
            handle { state, now in state.machine.settled(lease.id, isClean: isClean, at: now) }
        }
    }

    private func connect(_ id: PoolMachine.ConnectionID) async {
        do {
            let connection = try await PostgresConnection.connect(configuration, executor: executor, logger: logger)
            await connection.prepareWhereDirect(deadline: .now + PostgresConnection.drainTimeout)
            let wasFailing = state.withLock { state in
                state.connections[id] = connection
                defer { state.lastConnectError = nil }
                return state.lastConnectError != nil
            }
            if wasFailing { logger.notice("PostgreSQL can be reached again", metadata: metadata()) }
            handle { state, now in state.machine.connected(id, at: now) }
            await connection.whenClosed { [weak self] in self?.lost(id) }
        } catch {
            connectFailed(id, error)
        }
    }

    private func connectFailed(_ id: PoolMachine.ConnectionID, _ error: PostgresError) {
        guard error.code != .cancelled else {
            return handle { state, now in state.machine.lost(id, at: now) }
        }
        metrics.connectFailed()
        let isFirst = state.withLock { state in
            defer { state.lastConnectError = error }
            return state.lastConnectError == nil
        }
        let details = metadata(["error": "\(error)", "detail": "\(error.detail ?? "")"])
        logger.log(level: isFirst ? .warning : .debug, "PostgreSQL cannot be reached", metadata: details)
        let isPermanent = error.sqlState?.isPermanentConnectFailure ?? (error.code == .invalidConfiguration)
        let chance = chance()
        handle { state, now in
            state.machine.connectFailed(id, isPermanent: isPermanent, chance: chance, at: now)
        }
    }

    private func lost(_ id: PoolMachine.ConnectionID) {
        handle { state, now in
            state.connections[id] = nil
            return state.machine.lost(id, at: now)
        }
    }

    private func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        more.merging(["pool": "\(settings.name)"]) { value, _ in value }
    }
}
