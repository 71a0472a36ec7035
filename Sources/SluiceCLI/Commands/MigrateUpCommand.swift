import ArgumentParser
import SluicePostgres

/// `sluice migrate up`
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Apply the migrations that are missing. Any number may run at once.")

    @Option(help: "The version to go to; the newest by default.") var to: Int?
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let taken = try await settings.withMigrator { migrator throws(MigrationError) in
                try await migrator.up(to: to)
            }
            for step in taken { Terminal.print("applied \(step)") }
            if taken.isEmpty { Terminal.print("nothing to do") }
            return .success
        }
    }
}
