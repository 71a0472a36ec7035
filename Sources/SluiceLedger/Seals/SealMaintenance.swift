public import Logging
public import Postgres
public import ServiceLifecycle

/// Seals days that are over. Every replica runs it; the database lets one at a time through.
///
/// It connects anew each time: sealing a day takes seconds, for which no connection of admissions should be missing.
public struct SealMaintenance: Service {
    private let database: PostgresConfiguration
    private let closedAfter: Duration
    private let interval: Duration
    private let logger: Logger

    /// How long sealing one day may take.
    private static let patience = Duration.seconds(900)

    /// - Parameters:
    ///   - closedAfter: how long after its end a day is sealed; 1 hour … 366 days.
    ///   - interval: how often to look, give or take a tenth.
    public init(
        database: PostgresConfiguration, closedAfter: Duration, interval: Duration = .seconds(600), logger: Logger
    ) {
        self.database = database
        self.closedAfter = closedAfter
        self.interval = interval
        self.logger = logger
    }

    /// Looks at once and then every interval, until the task is cancelled or the service is told to stop.
    public func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await tick()
                try? await Task.sleep(for: interval * Double.random(in: 0.9...1.1))
            }
        }
    }

    /// Seals everything that is to be sealed.
    ///
    /// - Returns: how many seals it made.
    @discardableResult
    public func seal() async throws(PostgresError) -> Int {
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do throws(PostgresError) {
            let sealed = try await seal(on: connection)
            await connection.close()
            return sealed
        } catch {
            await connection.close()
            throw error
        }
    }

    private func seal(on connection: PostgresConnection) async throws(PostgresError) -> Int {
        let sealer = LedgerSealer(database: connection, closedAfter: closedAfter)
        var count = 0
        while !Task.isCancelled {
            let seals = try await sealer.sealNext(deadline: .now + Self.patience)
            guard !seals.isEmpty else { break }
            count += seals.count
            seals.forEach(log)
        }
        return count
    }

    /// The chain leaves the database with this line: whoever keeps the log can show later that nothing was changed.
    private func log(_ seal: NewSeal) {
        logger.notice(
            "ledger sealed",
            metadata: [
                "day": "\(seal.day)", "table": "\(seal.table.rawValue)", "amendment": "\(seal.amendment)",
                "seal": "\(seal.number)", "rows": "\(seal.rows)", "unchecked": "\(seal.lateRows)",
                "chain": "\(seal.chain)",
            ])
    }

    private func tick() async {
        do throws(PostgresError) {
            try await seal()
        } catch {
            switch error.sqlState {
            // Somebody else is at it, or the schema is older than this program.
            case .lockNotAvailable, .undefinedFunction, .invalidSchemaName:
                logger.debug("nothing sealed", metadata: ["error": "\(error)"])
            default:
                logger.warning("the ledger could not be sealed", metadata: ["error": "\(error)"])
            }
        }
    }
}
