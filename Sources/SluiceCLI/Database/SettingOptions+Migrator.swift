import Logging
import SluicePostgres

extension SettingOptions {
    /// Lends a migrator on the configured database, or on the embedded one if somebody runs it.
    func withMigrator<Value>(
        _ patience: MigratorSettings = MigratorSettings(), _ body: (Migrator) async throws(MigrationError) -> Value
    ) async throws -> Value {
        let configuration = try load().configuration
        let migrator = Migrator(
            configuration: try configuration.runningDatabase(), settings: patience,
            logger: Log.logger(configuration))
        do throws(MigrationError) {
            return try await body(migrator)
        } catch {
            throw CommandError(error)
        }
    }

    /// Says on standard error which roles the server lacks. The embedded one has a single role, and needs no other.
    func tellMissingRoles() async throws {
        guard case .url = try load().configuration.database else { return }
        let missing = try await withMigrator { migrator throws(MigrationError) in try await migrator.missingRoles() }
        guard !missing.isEmpty else { return }
        let (noun, verb) = missing.count == 1 ? ("role", "is") : ("roles", "are")
        Terminal.printError(
            "sluice: the \(noun) \(missing.joined(separator: ", ")) \(verb) missing: whoever owns the schema may do"
                + " everything, until a superuser runs what `sluice migrate roles` prints")
    }
}

extension CommandError {
    init(_ error: MigrationError) {
        let status: CommandStatus =
            switch error {
            case .changed, .renamed, .newerSchema, .gap: .checkFailed
            case .unknownTarget, .notApplied: .usage
            case .busy, .contended: .tryAgain
            case .pooler: .configuration
            case .failed, .lost, .notOwner, .mayNotCreate, .unreadable, .database: .unavailable
            }
        self.init(status, "\(error)")
    }
}
