import ArgumentParser
import SluicePostgres

/// `sluice migrate up`
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Apply the migrations that are missing. Any number may run at once.",
        discussion: """
            One works, the others wait for it. A step that does not get its locks is rolled back and tried again. Exits \
            with 75 when --wait is over.
            """)

    @Option(help: "The version to go to; the newest by default.") var to: Int?
    @OptionGroup var steps: StepOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let status = try await steps.run(.up, to: to, settings)
            if !steps.dryRun, !steps.printSQL { try await settings.tellMissingRoles() }
            return status
        }
    }
}
