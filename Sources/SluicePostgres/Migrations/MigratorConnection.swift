import Postgres

/// A connection, and what a migrator reads through it.
struct MigratorConnection: Sendable {
    let connection: PostgresConnection
    let migrations: [Migration]

    func facts() async throws(MigrationError) -> SchemaFacts {
        let facts = try await MigrationError.asking { () throws(PostgresError) in
            try await connection.run(ReadSchemaFacts()).first
        }
        guard let facts else { preconditionFailure("a select without FROM answers one row") }
        return facts
    }

    func plan() async throws(MigrationError) -> MigrationPlan {
        try MigrationPlan(known: migrations, applied: try await applied())
    }

    /// The steps taken; none without the schema.
    func applied() async throws(MigrationError) -> [AppliedMigration] {
        let facts = try await facts()
        guard facts.owner != nil, facts.hasTable else { return [] }
        guard facts.mayCallReader || facts.mayReadTable || facts.mayBecomeOwner else {
            throw .unreadable(role: facts.role)
        }
        return try await MigrationError.asking { () throws(PostgresError) in
            if facts.mayCallReader { return try await connection.run(ListSchemaVersions()) }
            if facts.mayReadTable { return try await connection.run(ListAppliedMigrations()) }
            try await connection.execute("BEGIN; " + MigratorText.becomeOwner(isLocal: true))
            let applied = try await connection.run(ListAppliedMigrations())
            try await connection.execute("COMMIT")
            return applied
        }
    }
}
