extension PostgresServer {
    /// What `pg_dump` prints of a schema: no data, no owners.
    ///
    /// - Parameters:
    ///   - url: as a superuser.
    ///   - tables: quoted where needed, with their schema.
    public static func dumpSchema(_ schema: String, of url: String, leavingOut tables: [String]) async throws -> String
    {
        let program = try Executables.path(of: "pg_dump", package: "postgresql")
        return try await Command.run(
            [program, "--dbname=\(url)", "--schema=\(schema)", "--schema-only", "--no-owner"]
                + tables.map { "--exclude-table=\($0)" })
    }
}
