import ArgumentParser
import SluicePostgres

/// `sluice migrate roles`
struct MigrateRolesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "Print the SQL with which a superuser makes the three roles.",
        discussion: """
            sluice_owner owns the schema, sluice_app executes functions, sluice_audit reads views. A migrating role that \
            may make roles makes them itself; for one that may not, a DBA runs this, before the first migration or after \
            any, as often as wanted.
            """)

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let (script, missing) = try await settings.withMigrator { migrator throws(MigrationError) in
                (try await migrator.rolesScript(), try await migrator.missingRoles())
            }
            Terminal.print(
                try json
                    ? JSONText.encode(Report(migrator: script.migrator, missing: missing, sql: script.text))
                    : script.text)
            return .success
        }
    }

    private struct Report: Encodable {
        /// The role that runs the migrations.
        let migrator: String
        let missing: [String]
        let sql: String
    }
}
