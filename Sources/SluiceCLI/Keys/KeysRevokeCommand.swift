import ArgumentParser
import SluiceCore
import SluicePostgres

/// `sluice keys revoke`
struct KeysRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End an API key for good.",
        discussion:
            "Replicas refuse it within some seconds. Without the database, one that knew it lets it in for its grace.")

    @Argument(help: "The key's id, as `sluice keys list` shows it.") var key: String
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            guard let id = KeyID(key) else {
                // What somebody pastes here may be the key itself.
                throw CommandError(.usage, "what is given is no id of a key: `sluice keys list` shows the ids")
            }
            let revoked = try await settings.load().configuration.withKeyStore { store in
                try await store.revoke(id, deadline: .now + .seconds(10))
            }
            guard let revoked else {
                throw CommandError(.usage, "there is no key \(id): `sluice keys list` shows those that there are")
            }
            let report = KeyReport(revoked)
            Terminal.print(json ? try JSONText.encode(report) : KeyReport.table([report]))
            return .success
        }
    }
}
