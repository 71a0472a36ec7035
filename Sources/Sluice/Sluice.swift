public import Logging
import Postgres
public import ServiceLifecycle
public import SluiceCore
import SluiceIDs
public import SluiceJournal
import SluicePostgres

/// An exact limit per user, over any number of processes that share one PostgreSQL.
///
/// ```swift
/// let sluice = try Sluice(databaseURL: "postgres://localhost/app", logger: logger)
/// group.addTask { try await sluice.run() }
/// let decision = try await sluice.admit(user)
/// ```
/// When ``admit(_:weight:callID:route:model:)`` says `.admitted(…)` with mode `enforced`, the call's row is committed. While
/// the database cannot decide, the policy's `onOutage` answers within the deadline; with a
/// ``SluiceConfiguration/journal`` the calls let through meanwhile get their rows afterwards, without one they get none.
/// Everything in the background is a child of ``run()``; calls that come before it wait for it, up to their deadline.
public final class Sluice: Service {
    public let configuration: SluiceConfiguration
    /// Decides calls under any policy: for ``admit(_:weight:callID:route:model:)`` and for middleware.
    public var limiter: any Limiter { refusals }
    /// Takes down what calls have taken.
    public var settler: any Settler { settlements }
    /// API keys, in the same database.
    public let keys: any KeyStore
    /// What models cost now.
    public var prices: any PriceSource { store }
    /// How users fared of late.
    public var facts: any UserFactSource { store }
    /// Decides whether the database is asked at all; can be forced.
    public var breaker: CircuitBreaker { path.breaker }
    /// Whether the schema is the one that this program needs, as far as is known.
    public var schema: SchemaState { upkeep.state }
    /// Which version of the schema is wanted, and which was found.
    public var schemaVersions: SchemaVersions { upkeep.versions }
    /// Refusals of which nothing was taken down, since the database did not take their counts for too long.
    public var uncountedRefusals: Int64 { refusals.dropped }
    /// What waits in the journal and how it is; `nil` without one.
    public var journal: JournalStatus? { recovery.status }

    /// The database's, for the age of what waits.
    package var clock: LedgerClock { recovery.clock }

    private let path: AdmissionPath
    private let refusals: RefusalCounter
    private let settlements: SettlementPath
    private let expiry: CallExpiry
    private let policyNote: PolicyNote
    private let store: PostgresStore
    private let pool: PostgresPool
    private let upkeep: SchemaUpkeep
    private let recovery: OutageRecovery

    /// - Parameters:
    ///   - metrics: is told what happens on the path of a call.
    ///   - journalMetrics: is told what happens to the calls in the journal.
    ///   - settlementMetrics: is told what calls have taken.
    /// - Throws: ``JournalError`` when the journal's directory cannot be used, or a setting of it is out of range.
    public init(
        _ configuration: SluiceConfiguration, metrics: any PathMetrics = NoMetrics(),
        journalMetrics: any JournalMetrics = NoJournalMetrics(),
        settlementMetrics: any SettlementMetrics = NoMetrics(), logger: Logger
    ) throws(JournalError) {
        self.configuration = configuration
        pool = PostgresPool(configuration: configuration.database, settings: configuration.pool, logger: logger)
        store = PostgresStore(database: pool, replica: configuration.replica)
        keys = PostgresKeyStore(database: pool)
        expiry = CallExpiry(store: store, lease: configuration.lease, logger: logger)
        policyNote = PolicyNote(store: store, policy: configuration.policy, logger: logger)
        recovery = try OutageRecovery(configuration, store: store, metrics: journalMetrics)
        path = AdmissionPath(
            store: store, settings: configuration.path, clock: recovery.clock, recorder: recovery.recorder,
            metrics: RecoveryMetrics(base: metrics, recovery: recovery))
        refusals = RefusalCounter(path, ledger: store, replica: configuration.replica)
        settlements = SettlementPath(
            ledger: store, replica: configuration.replica, breaker: path.breaker, clock: recovery.clock,
            recorder: recovery.recorder, settings: configuration.settlement, metrics: settlementMetrics)
        upkeep = SchemaUpkeep(
            mode: configuration.schema,
            migrator: Migrator(configuration: configuration.database, logger: logger),
            maintenance: PartitionMaintenance(
                database: pool, plan: configuration.partitions,
                longestWindow: configuration.policy.windows.map(\.length).max() ?? .zero,
                exporter: configuration.partitions.retention?.exportFolder.map { folder in
                    PartitionExporter(database: configuration.database, folder: folder, logger: logger)
                }, logger: logger),
            logger: logger)
    }

    /// - Parameters:
    ///   - databaseURL: a connection URL or a keyword/value string of libpq.
    ///   - policy: 20 calls an hour by default.
    /// - Throws: when the URL is not one, naming the part that is wrong.
    ///
    /// There is no journal: calls let through in an outage get no row. See ``SluiceConfiguration/journal``.
    public convenience init(databaseURL: String, policy: Policy? = nil, logger: Logger) throws {
        try self.init(SluiceConfiguration(databaseURL: databaseURL, policy: policy), logger: logger)
    }

    /// Decides one call under the configured policy, and counts it if it is admitted.
    ///
    /// - Parameters:
    ///   - weight: 0 … 1,000,000,000; 0 only looks.
    ///   - callID: makes the call idempotent: the same id again gets the first answer and consumes nothing.
    ///   - route: what was called, for the ledger; up to 256 bytes. `model` likewise.
    /// - Throws: ``CallError`` for a value out of range; ``LimiterError`` when there is no decision.
    public nonisolated(nonsending) func admit(
        _ user: UserID, weight: Int64 = 1, callID: CallID? = nil, route: String? = nil, model: String? = nil
    ) async throws -> Decision {
        if callID == nil {
            try Call.check(weight: weight, route: route, model: model)
            if let refusal = refusals.refuse(user, weight: weight, under: configuration.policy) {
                return .refused(refusal)
            }
        }
        let call = try Call(
            user: user, id: callID ?? CallIDSource.shared.next(at: .wallClock()), isIDSupplied: callID != nil,
            weight: weight, route: route, model: model)
        return try await refusals.admit(call, under: configuration.policy)
    }

    /// Looks at a user's windows under the configured policy, and consumes nothing.
    public func peek(_ user: UserID, weight: Int64 = 1) async throws(LimiterError) -> Peek {
        try await path.peek(user, weight: weight, under: configuration.policy)
    }

    /// Takes no more calls; ``run()`` returns when those that are here were answered.
    public func shutdown() {
        path.shutdown()
    }

    /// Returns true as soon as the schema is right, so that calls are decided; false when ``run()`` ended before, or the
    /// caller's task was cancelled. Calls need not wait for it: until then the outage policy answers them.
    @discardableResult
    public func ready() async -> Bool {
        await upkeep.ready()
    }

    /// Works until ``shutdown()``, a graceful shutdown of its service group, or cancellation of the task; then answers the
    /// calls and settles the settlements that are here, brings what waits in the journal to a database that answers, for
    /// ``SluiceConfiguration/shutdownReplay`` at most, and returns.
    public func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.pool.run() }
                // Files are written by it, which may take as long as a disk does, on whatever threads this runs.
                group.addTask(executorPreference: globalConcurrentExecutor) { await self.upkeep.run() }
                await decide()
                if canRecord, !Task.isCancelled {
                    await refusals.flush()
                    await recovery.drain()
                }
                pool.shutdown(deadline: .now + configuration.path.batcher.timeout)
                // The upkeep has nothing to finish; the pool ends by itself.
                upkeep.stop()
            }
            recovery.close()
        } onGracefulShutdown: {
            self.shutdown()
        }
    }

    /// Until the last caller is answered.
    private func decide() async {
        let canRecord: @Sendable () -> Bool = { self.canRecord }
        await withDiscardingTaskGroup { group in
            // What an outage left is a lot of work at once.
            group.addTask(executorPreference: globalConcurrentExecutor) { await self.recovery.run(while: canRecord) }
            group.addTask { await self.refusals.run(while: canRecord) }
            group.addTask { await self.expiry.run(while: canRecord) }
            group.addTask { await self.policyNote.run { await self.ready() } }
            await withDiscardingTaskGroup { settling in
                settling.addTask { await self.settlements.run() }
                await path.run()
                settlements.shutdown()
            }
            group.cancelAll()
        }
    }

    /// Whether the database would take the rows of calls that were let through.
    private var canRecord: Bool {
        guard path.breaker.refusal == nil, case .ready = upkeep.state else { return false }
        return true
    }
}
