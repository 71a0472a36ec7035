import Logging
import Postgres

/// A connection that holds the migrators' lock.
struct MigratorSession: Sendable {
    let reader: MigratorConnection
    let settings: MigratorSettings
    let logger: Logger

    var connection: PostgresConnection { reader.connection }

    /// Waits for the lock, and sees to it that there is a table to record steps in.
    static func begin(
        on reader: MigratorConnection, of migrator: Migrator
    ) async throws(MigrationError) -> MigratorSession {
        let session = MigratorSession(reader: reader, settings: migrator.settings, logger: migrator.logger)
        try check(try await reader.facts())
        let pooler = try await MigrationError.asking { () throws(PostgresError) in
            try await PoolerMode.find(before: reader.connection, migrator.configuration, logger: migrator.logger)
        }
        guard pooler != .transaction else { throw .pooler }
        try await MigrationError.asking { () throws(PostgresError) in try await session.prepare() }
        try await session.lock()
        try await session.makeBookkeeping()
        return session
    }

    private static func check(_ facts: SchemaFacts) throws(MigrationError) {
        if let owner = facts.owner {
            guard facts.mayBecomeOwner else { throw .notOwner(role: facts.role, owner: owner) }
        } else {
            guard facts.mayCreateSchema else { throw .mayNotCreate(role: facts.role, database: facts.database) }
        }
    }

    private func prepare() async throws(PostgresError) {
        try await connection.execute(MigratorText.session)
        // A unix socket has no keepalives, and some systems cannot check a connection: neither is needed.
        try? await connection.execute(MigratorText.keepalives)
        if connection.serverVersion >= 140_000 { try? await connection.execute(MigratorText.connectionCheck) }
    }

    private func lock() async throws(MigrationError) {
        let deadline = ContinuousClock.now + settings.patience
        var isTold = false
        while true {
            let (isOurs, holder) = try await MigrationError.asking { () throws(PostgresError) in
                if try await connection.run(TryMigrationLock()).first == true { return (true, String?.none) }
                return (false, try await connection.run(FindMigrationLockHolder()).first)
            }
            if isOurs { return }
            guard .now < deadline else { throw .busy(waited: settings.patience, holder: holder) }
            if !isTold {
                logger.notice("another migrator is at work", metadata: ["holder": "\(holder ?? "gone")"])
            }
            isTold = true
            // With chance, so that many who wait do not ask in step.
            try? await Task.sleep(for: .milliseconds(Int64.random(in: 250...750)))
        }
    }

    /// Only what is missing: a role may lack the right to create what is there.
    private func makeBookkeeping() async throws(MigrationError) {
        let facts = try await reader.facts()
        guard !facts.hasTable else { return }
        try await MigrationError.asking { () throws(PostgresError) in
            try await connection.execute(MigratorText.begin(settings.lockTimeout))
            if facts.owner == nil { try await connection.execute(MigratorText.createSchema) }
            try await connection.execute(MigratorText.becomeOwner(isLocal: true))
            try await connection.execute(MigratorText.createTable)
            try await connection.execute("COMMIT")
        }
    }
}
