public import Logging
public import Postgres
public import ServiceLifecycle

/// Keeps the ledger's partitions ahead of the clock, and takes away those that are older than is wanted. Every replica runs it;
/// the database lets one at a time through, and the others find nothing left to do.
public struct PartitionMaintenance: Service {
    private let store: PartitionStore
    private let database: any PostgresExecutor
    private let plan: PartitionPlan
    private let longestWindow: Duration
    private let retention: PartitionRetention?
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - longestWindow: the longest window that is decided by; admission keeps cached plans over as much, and nothing younger
    ///     is taken away.
    ///   - exporter: for a plan that exports.
    ///   - interval: how often to look, give or take a tenth.
    ///   - sleep: how pauses between partitions are made.
    public init(
        database: any PostgresExecutor, plan: PartitionPlan = PartitionPlan(), longestWindow: Duration,
        exporter: PartitionExporter? = nil, interval: Duration = .seconds(600), logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.database = database
        self.plan = plan
        self.longestWindow = longestWindow
        self.interval = interval
        self.logger = logger
        let store = PartitionStore(database: database)
        self.store = store
        retention = plan.retention.map { rule in
            PartitionRetention(
                store: store, rule: rule.covering(longestWindow), exporter: exporter, logger: logger, sleep: sleep)
        }
    }

    /// Looks at once and then every interval, and when a day begins, until the task is cancelled or the service is told to stop.
    /// A look that fails is logged and repeated soon.
    public func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let pause = Self.pause(interval, untilNextDay: await tick(), chance: .random(in: 0...1))
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Until the next look: the interval give or take a tenth, or sooner when a day begins, in its first second. Until that look,
    /// admissions take a longer way.
    ///
    /// - Parameters:
    ///   - untilNextDay: what today has left; `nil` after a look that failed.
    ///   - chance: from 0 to 1, so that replicas do not look in step.
    static func pause(_ interval: Duration, untilNextDay: Duration?, chance: Double) -> Duration {
        let spread = 0.9 + 0.2 * chance
        guard let untilNextDay else { return min(interval, .seconds(30)) * spread }
        return min(interval * spread, untilNextDay + .seconds(chance))
    }

    /// One look ahead.
    ///
    /// - Returns: how many partitions it made.
    @discardableResult
    public func maintain(deadline: ContinuousClock.Instant = .now + .seconds(30)) async throws(PostgresError) -> Int {
        try await lookAhead(deadline: deadline).made
    }

    private func lookAhead(
        deadline: ContinuousClock.Instant = .now + .seconds(30)
    ) async throws(PostgresError) -> (made: Int, untilNextDay: Duration?) {
        let made = try await store.ensure(plan.unit, ahead: plan.daysAhead, deadline: deadline)
        let days = try await database.run(CoverRecent(longestWindow: longestWindow), deadline: deadline)
        return (made, days.first)
    }

    /// One look back.
    ///
    /// - Returns: the tables that were kept or dropped.
    @discardableResult
    public func retire() async throws -> [String] {
        try await retention?.run() ?? []
    }

    /// - Returns: what today has left; `nil` if it failed.
    private func tick() async -> Duration? {
        do throws(PostgresError) {
            let (made, untilNextDay) = try await lookAhead()
            if made > 0 { logger.notice("partitions made", metadata: ["count": "\(made)"]) }
            await lookBack()
            return untilNextDay
        } catch {
            logger.warning("partition maintenance failed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// What is not taken away now is taken away the next time; nothing is urgent about it.
    private func lookBack() async {
        do {
            try await retire()
        } catch is CancellationError {
        } catch let error as PostgresError where error.sqlState == .undefinedFunction {
            logger.debug("the schema is older than retention")
        } catch {
            logger.warning("retention failed", metadata: ["error": "\(error)"])
        }
    }
}
