import ArgumentParser
import SluicePostgres

/// `sluice migrate plan`
struct MigratePlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what `up` would run, and which locks it takes. Changes nothing.")

    @Option(help: "The version to go to; the newest by default.") var to: Int?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let preview = try await settings.withMigrator { migrator throws(MigrationError) in
                let plan = try await migrator.plan()
                return MigrationPreview(try plan.steps(.up, to: to), .up, from: plan.current)
            }
            Terminal.print(try preview.text(isJSON: json))
            return .success
        }
    }
}
