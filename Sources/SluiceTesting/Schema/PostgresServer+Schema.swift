import Logging
import Postgres
import SluicePostgres

extension PostgresServer {
    /// A new database with the newest schema for the time of the closure, which gets its connection string.
    public nonisolated(nonsending) func withMigratedDatabase<Value>(
        _ body: nonisolated(nonsending) (_ url: String) async throws -> Value
    ) async throws -> Value {
        let name = try await template("migrated") { url in
            let logger = Logger(label: "migrated-template") { _ in SwiftLogNoOpLogHandler() }
            _ = try await Migrator(configuration: try PostgresConfiguration(url: url), logger: logger).up()
        }
        return try await withDatabase(from: name, body)
    }
}
