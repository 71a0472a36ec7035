import Logging
import SluicePostgres

extension SettingOptions {
    /// Lends a migrator on the configured database, or on the embedded one if somebody runs it.
    func withMigrator<Value>(
        _ body: (Migrator) async throws(MigrationError) -> Value
    ) async throws -> Value {
        let configuration = try load().configuration
        let migrator = Migrator(
            configuration: try configuration.runningDatabase(), logger: Log.logger(configuration))
        do throws(MigrationError) {
            return try await body(migrator)
        } catch {
            throw CommandError(.unavailable, "\(error)")
        }
    }
}
