public import Logging
public import Postgres

/// Brings the schema up or down, one numbered step after the other.
///
/// Any number of migrators may run at once: one works, under an advisory lock of its session, and the others ask for that
/// lock again and again, so nobody waits with a transaction or a snapshot open. The steps run on the session that holds the
/// lock, so whoever loses the one has lost the other. A migrator that is killed leaves the steps that were committed, and
/// nothing of the one under way, unless that cannot run in a transaction: then it is cleared up and run again by the next.
///
/// It needs a direct connection, or a pooler in session mode, as soon as there is something to do.
public struct Migrator: Sendable {
    let configuration: PostgresConfiguration
    let migrations: [Migration]
    let settings: MigratorSettings
    let logger: Logger

    public init(
        configuration: PostgresConfiguration, migrations: [Migration] = Migration.all,
        settings: MigratorSettings = MigratorSettings(), logger: Logger
    ) {
        self.configuration = configuration
        self.migrations = migrations
        self.settings = settings
        self.logger = logger
    }

    /// What the database has, against what this program carries.
    public func plan() async throws(MigrationError) -> MigrationPlan {
        try await withConnection { connection throws(MigrationError) in try await connection.plan() }
    }

    /// Takes every step up to `target`.
    ///
    /// - Parameters:
    ///   - target: a version; the newest by default. Nothing happens when the database is beyond it.
    ///   - whenTaken: called after each step that was taken.
    /// - Returns: the steps that this call took, in order.
    @discardableResult
    public func up(
        to target: Int? = nil, whenTaken: @Sendable (Migration) -> Void = { _ in }
    ) async throws(MigrationError) -> [Migration] {
        let target = target ?? migrations.count
        return try await steps(.up, to: target, whenTaken) { plan in plan.nextUp(to: target) }
    }

    /// Takes steps back down to `target`; the newest one by default.
    @discardableResult
    public func down(
        to target: Int? = nil, whenTaken: @Sendable (Migration) -> Void = { _ in }
    ) async throws(MigrationError) -> [Migration] {
        let target = if let target { target } else { max(0, try await plan().current - 1) }
        return try await steps(.down, to: target, whenTaken) { plan in plan.nextDown(to: target) }
    }

    /// Of the three roles that the schema is made for, those that the server does not have.
    public func missingRoles() async throws(MigrationError) -> [String] {
        try await withConnection { connection throws(MigrationError) in try await connection.facts().missingRoles }
    }

    /// SQL with which a superuser makes the roles that this program's role may not make.
    public func rolesScript() async throws(MigrationError) -> RolesScript {
        try await withConnection { connection throws(MigrationError) in
            let facts = try await connection.facts()
            return RolesScript(migrator: facts.role, database: facts.database)
        }
    }
}

extension Migrator {
    private func steps(
        _ direction: MigrationDirection, to target: Int, _ whenTaken: (Migration) -> Void,
        next: (MigrationPlan) -> Migration?
    ) async throws(MigrationError) -> [Migration] {
        try MigrationPlan(known: migrations, applied: []).check(target: target)
        return try await withConnection { connection throws(MigrationError) in
            // Most starts find nothing to do: they need neither the lock nor the owner's rights.
            guard next(try await connection.plan()) != nil else { return [] }
            let session = try await MigratorSession.begin(on: connection, of: self)
            var taken: [Migration] = []
            while let migration = next(try await connection.plan()) {
                try await StepRun(session: session, migration: migration, direction: direction).run()
                taken.append(migration)
                logger.notice(
                    "migration applied",
                    metadata: ["migration": "\(migration)", "direction": "\(direction.rawValue)"])
                whenTaken(migration)
            }
            return taken
        }
    }

    func withConnection<Value: Sendable>(
        _ body: (MigratorConnection) async throws(MigrationError) -> Value
    ) async throws(MigrationError) -> Value {
        let connection = try await MigrationError.asking { () throws(PostgresError) in
            try await PostgresConnection.connect(configuration, logger: logger)
        }
        do throws(MigrationError) {
            let value = try await body(MigratorConnection(connection: connection, migrations: migrations))
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}
