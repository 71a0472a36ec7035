public import Logging
public import Postgres
public import ServiceLifecycle

/// Keeps the ledger's partitions ahead of the clock. Every replica runs it; the database lets one at a time through, and
/// the others find nothing left to do.
public struct PartitionMaintenance: Service {
    private let database: any PostgresExecutor
    private let daysAhead: Int
    private let longestWindow: Duration
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - daysAhead: how many days beyond today have a partition; 1 … 999.
    ///   - longestWindow: the longest window that is decided by; admission keeps cached plans over as much.
    ///   - interval: how often to look, give or take a tenth.
    public init(
        database: any PostgresExecutor, daysAhead: Int = 14, longestWindow: Duration,
        interval: Duration = .seconds(600), logger: Logger
    ) {
        self.database = database
        self.daysAhead = daysAhead
        self.longestWindow = longestWindow
        self.interval = interval
        self.logger = logger
    }

    /// Looks at once and then every interval, until the task is cancelled or the service is told to stop. A look that
    /// fails is logged and repeated soon.
    public func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isDone = await tick()
                let pause = isDone ? interval : min(interval, .seconds(30))
                try? await Task.sleep(for: pause * Double.random(in: 0.9...1.1))
            }
        }
    }

    /// One look.
    ///
    /// - Returns: how many partitions it made.
    @discardableResult
    public func maintain(deadline: ContinuousClock.Instant = .now + .seconds(30)) async throws(PostgresError) -> Int {
        let made = try await database.run(EnsurePartitions(days: daysAhead + 1), deadline: deadline).first ?? 0
        try await database.run(CoverRecent(longestWindow: longestWindow), deadline: deadline)
        return made
    }

    private func tick() async -> Bool {
        do throws(PostgresError) {
            let made = try await maintain()
            if made > 0 { logger.notice("partitions made", metadata: ["count": "\(made)"]) }
            return true
        } catch {
            logger.warning("partition maintenance failed", metadata: ["error": "\(error)"])
            return false
        }
    }
}
