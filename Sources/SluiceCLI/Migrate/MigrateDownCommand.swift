import ArgumentParser
import SluicePostgres

/// `sluice migrate down`
struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Take migrations back; what they made is dropped, with its data.",
        discussion: "Without --to, the newest one.")

    @Option(help: "The version to go back to; 0 drops everything.") var to: Int?
    @Flag(help: "Confirm that the data goes.") var yes = false
    @OptionGroup var steps: StepOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            guard yes || steps.dryRun || steps.printSQL else {
                throw CommandError(.usage, "migrating down drops tables and the calls in them: repeat it with --yes")
            }
            return try await steps.run(.down, to: to, settings)
        }
    }
}
