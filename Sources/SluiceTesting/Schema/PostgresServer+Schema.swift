import Logging
import Postgres
import SluicePostgres

extension PostgresServer {
    /// A new database with the newest schema for the time of the closure, which gets its connection string.
    ///
    /// - Parameter role: what the connection string is for. A replica's role unless told otherwise, which may execute the
    ///   functions of the schema and see no table; ``TestRole/url(like:)`` makes that of another one from it.
    public nonisolated(nonsending) func withMigratedDatabase<Value>(
        as role: TestRole = .app, _ body: nonisolated(nonsending) (_ url: String) async throws -> Value
    ) async throws -> Value {
        try await withDatabase(from: try await migratedTemplate(), as: role, body)
    }

    /// Makes a new database with the newest schema and returns its name.
    public nonisolated(nonsending) func createMigratedDatabase() async throws -> String {
        try await createDatabase(from: try await migratedTemplate())
    }

    private nonisolated(nonsending) func migratedTemplate() async throws -> String {
        try await template("migrated", as: .migrator) { url in
            let logger = Logger(label: "migrated-template") { _ in SwiftLogNoOpLogHandler() }
            _ = try await Migrator(configuration: try PostgresConfiguration(url: url), logger: logger).up()
        }
    }
}
