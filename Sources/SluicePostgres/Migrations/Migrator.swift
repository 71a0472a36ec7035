public import Logging
public import Postgres

/// Brings the schema up or down, one numbered step a transaction.
///
/// Any number of migrators may run at once: each step is taken under an advisory lock that lives as long as its
/// transaction, and those that do not get it ask again, so nobody waits with a snapshot held. A migrator that is killed
/// leaves the steps that were committed, and nothing of the one under way.
public struct Migrator: Sendable {
    private let configuration: PostgresConfiguration
    private let migrations: [Migration]
    private let logger: Logger

    /// 'slmi' in ASCII: the first key of the migrators' advisory lock, as `pg_locks.classid` shows it.
    static let lockClass: Int32 = 1_936_485_737
    /// How long a step may wait for a lock of the database that somebody holds, before it is given up.
    static let lockTimeout = Duration.seconds(5)

    public init(configuration: PostgresConfiguration, migrations: [Migration] = Migration.all, logger: Logger) {
        self.configuration = configuration
        self.migrations = migrations
        self.logger = logger
    }

    /// What the database has, against what this program carries.
    public func plan() async throws(MigrationError) -> MigrationPlan {
        try await withConnection { connection throws(MigrationError) in try await Self.plan(migrations, connection) }
    }

    /// Takes every step up to `target`.
    ///
    /// - Parameters:
    ///   - target: a version; the newest by default. Nothing happens when the database is beyond it.
    ///   - patience: how long to wait for another migrator.
    /// - Returns: the steps that this call took, in order.
    public func up(
        to target: Int? = nil, patience: Duration = .seconds(300)
    ) async throws(MigrationError) -> [Migration] {
        let target = target ?? migrations.count
        return try await steps(to: target, patience) { plan in plan.nextUp(to: target) }
    }

    /// Takes steps back down to `target`; the newest one by default.
    public func down(
        to target: Int? = nil, patience: Duration = .seconds(300)
    ) async throws(MigrationError) -> [Migration] {
        let target = if let target { target } else { max(0, try await plan().current - 1) }
        return try await steps(to: target, patience, isDown: true) { plan in plan.nextDown(to: target) }
    }
}

extension Migrator {
    /// One attempt to take the next step.
    private enum Attempt {
        case took(Migration)
        case nothingToDo
        case locked
    }

    private func steps(
        to target: Int, _ patience: Duration, isDown: Bool = false, next: (MigrationPlan) -> Migration?
    ) async throws(MigrationError) -> [Migration] {
        try MigrationPlan(known: migrations, applied: []).check(target: target)
        return try await withConnection { connection throws(MigrationError) in
            var taken: [Migration] = []
            var deadline = ContinuousClock.now + patience
            while true {
                switch try await attempt(connection, isDown: isDown, next: next) {
                case .nothingToDo:
                    return taken
                case .took(let migration):
                    taken.append(migration)
                    deadline = .now + patience
                    logger.notice(
                        "migration applied",
                        metadata: ["migration": "\(migration)", "direction": isDown ? "down" : "up"])
                case .locked:
                    guard .now < deadline else { throw .busy(waited: patience) }
                    await pause()
                }
            }
        }
    }

    private func attempt(
        _ connection: PostgresConnection, isDown: Bool, next: (MigrationPlan) -> Migration?
    ) async throws(MigrationError) -> Attempt {
        do throws(PostgresError) {
            try await connection.execute("BEGIN; SET LOCAL lock_timeout = \(Self.lockTimeout.milliseconds)")
            guard try await connection.run(TryMigrationLock()).first == true else {
                try await connection.execute("ROLLBACK")
                return .locked
            }
            try await connection.execute(Self.bookkeeping)
        } catch {
            throw .database(error)
        }
        guard let migration = next(try await Self.plan(migrations, connection)) else {
            try await finish(connection, "COMMIT")
            return .nothingToDo
        }
        do throws(PostgresError) {
            try await connection.execute(isDown ? migration.down : migration.up)
            try await connection.run(RecordMigration(migration: migration, isDown: isDown))
        } catch {
            try? await connection.execute("ROLLBACK")
            throw .failed(step: migration.description, error)
        }
        try await finish(connection, "COMMIT")
        return .took(migration)
    }

    private func finish(_ connection: PostgresConnection, _ sql: String) async throws(MigrationError) {
        do throws(PostgresError) { try await connection.execute(sql) } catch { throw .database(error) }
    }

    /// Between a quarter and three quarters of a second, so that many waiting migrators do not ask in step.
    private func pause() async {
        try? await Task.sleep(for: .milliseconds(Int64.random(in: 250...750)))
    }

    private static func plan(
        _ migrations: [Migration], _ connection: PostgresConnection
    ) async throws(MigrationError) -> MigrationPlan {
        try MigrationPlan(known: migrations, applied: try await applied(connection))
    }

    private static func applied(_ connection: PostgresConnection) async throws(MigrationError) -> [AppliedMigration] {
        do throws(PostgresError) {
            return try await connection.run(ListAppliedMigrations())
        } catch  where error.sqlState == .undefinedTable {
            return []
        } catch {
            throw .database(error)
        }
    }

    private func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws(MigrationError) -> Value
    ) async throws(MigrationError) -> Value {
        let connection: PostgresConnection
        do throws(PostgresError) {
            connection = try await PostgresConnection.connect(configuration, logger: logger)
        } catch {
            throw .database(error)
        }
        do throws(MigrationError) {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Where the steps are recorded. The one part of the schema that is not a numbered step.
    static let bookkeeping = """
        CREATE SCHEMA IF NOT EXISTS sluice;
        CREATE TABLE IF NOT EXISTS sluice.migrations (
            version integer PRIMARY KEY,
            name text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        """
}

/// Asks for the migrators' lock without waiting; it ends with the transaction.
private struct TryMigrationLock: PostgresStatement {
    static let sql = "SELECT pg_try_advisory_xact_lock(\(Migrator.lockClass), 0)"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}

/// Writes down that a step was taken, or taken back.
private struct RecordMigration: PostgresStatement {
    let migration: Migration
    let isDown: Bool

    static let sql = """
        WITH reverted AS (DELETE FROM sluice.migrations WHERE $4 AND version = $1)
        INSERT INTO sluice.migrations (version, name, checksum) SELECT $1, $2, $3 WHERE NOT $4
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(Int32(migration.version))
        parameters.append(migration.name)
        parameters.append(migration.checksum)
        parameters.append(isDown)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}

extension Duration {
    /// Whole milliseconds, for a setting of the server.
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
