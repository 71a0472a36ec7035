import Postgres

/// What a step without a transaction leaves behind when it is killed: indexes that are invalid, partitions half detached.
struct Leftovers {
    let connection: PostgresConnection
    let patience: Duration

    /// Drops those of the named indexes that are invalid, so that they are built anew, and ends detaches.
    func clear(_ indexes: [String]) async throws(PostgresError) {
        try await connection.execute(MigratorText.timeout(patience, isLocal: false))
        for statement in try await connection.run(FindInvalidIndexesToDrop(names: indexes)) {
            try await connection.execute(statement)
        }
        guard connection.serverVersion >= 140_000 else { return }
        for finding in try await connection.run(FindPendingDetaches()) {
            if let mend = finding.mend { try await connection.execute(mend) }
        }
    }
}

/// The statements that drop those of some indexes that are invalid.
private struct FindInvalidIndexesToDrop: PostgresStatement {
    let names: [String]

    static let sql = """
        SELECT format('DROP INDEX CONCURRENTLY IF EXISTS sluice.%I', c.relname)
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'sluice' AND c.relname = ANY ($1) AND NOT i.indisvalid
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(names) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> String { try row.decode(at: 0) }
}
