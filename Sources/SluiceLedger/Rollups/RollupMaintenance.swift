public import Logging
public import Postgres
public import ServiceLifecycle

/// Sums up the ledger's days when they are over, so that reports need not read their rows. Every replica runs it; the
/// database lets one at a time through.
///
/// It works on a connection of its own, which it closes in between: to sum up a day takes seconds, in which no admission
/// shall want for one.
public struct RollupMaintenance: Service {
    private static let timeout = Duration.seconds(600)

    private let database: PostgresConfiguration
    private let interval: Duration
    private let logger: Logger

    /// - Parameter interval: how often to look, give or take a tenth.
    public init(database: PostgresConfiguration, interval: Duration = .seconds(300), logger: Logger) {
        self.database = database
        self.interval = interval
        self.logger = logger
    }

    /// Looks at once and then every interval, until the task is cancelled or the service is told to stop. A look that
    /// fails is repeated soon.
    public func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isDone = await tick()
                let pause = isDone ? interval : min(interval, .seconds(30))
                try? await Task.sleep(for: pause * Double.random(in: 0.9...1.1))
            }
        }
    }

    /// One look: sums up day after day until none is left.
    ///
    /// - Returns: how many days there were.
    @discardableResult
    public func maintain() async throws(PostgresError) -> Int {
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do throws(PostgresError) {
            let rolled = try await rollUp(on: connection)
            await connection.close()
            return rolled
        } catch {
            await connection.close()
            throw error
        }
    }

    /// A transaction for each day, so that each shows as soon as it is done and none is held long.
    private func rollUp(on connection: PostgresConnection) async throws(PostgresError) -> Int {
        var rolled = 0
        while !Task.isCancelled {
            let days = try await connection.run(RollUp(most: 1), deadline: .now + Self.timeout).first ?? 0
            guard days > 0 else { break }
            rolled += days
        }
        return rolled
    }

    private func tick() async -> Bool {
        do throws(PostgresError) {
            let rolled = try await maintain()
            if rolled > 0 { logger.notice("days summed up", metadata: ["count": "\(rolled)"]) }
            return true
        } catch {
            // Reports read the rows meanwhile. A schema that is older has no such function; of a database that is away
            // others tell.
            let isExpected = error.server == nil || error.sqlState == .undefinedFunction
            let level: Logger.Level = isExpected || error.sqlState == .invalidSchemaName ? .debug : .warning
            logger.log(level: level, "days could not be summed up", metadata: ["error": "\(error)"])
            return false
        }
    }
}
