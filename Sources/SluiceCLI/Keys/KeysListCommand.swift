import ArgumentParser
import SluiceCore
import SluicePostgres

/// `sluice keys list`
struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show API keys, newest first: everything but the keys themselves.")

    @Option(help: "Only those of this user, by UUID.") var user: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let user = try user.map { text throws(CommandError) in try UserID(argument: text) }
            let keys = try await settings.load().configuration.withKeyStore { store in
                var keys: [APIKey] = []
                repeat {
                    let page = try await store.list(
                        user: user, before: keys.last?.id, limit: Self.page, deadline: .now + .seconds(10))
                    keys += page
                    if page.count < Self.page { return keys }
                } while true
            }
            let reports = keys.map(KeyReport.init)
            Terminal.print(json ? try JSONText.encode(reports) : KeyReport.table(reports))
            return .success
        }
    }

    private static let page = 1_000
}
