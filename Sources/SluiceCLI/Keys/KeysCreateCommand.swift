import ArgumentParser
import SluiceCore
import SluiceIdentity
import SluicePostgres

/// `sluice keys create`
struct KeysCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an API key and print it, alone, on standard output.",
        discussion: "It is not to be had again. Its id goes to standard error.")

    @Option(help: "The UUID of the user whose key it is.") var user: String
    @Option(help: "What its owner may do: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).") var role: String
    @Option(help: "What it is for, 1 to \(NewAPIKey.maximumNameLength) characters.") var name: String?
    @Option(help: "Days until it expires, 1 to 3650; without, it does not.") var expires: Int?
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let secret = APIKeySecret()
            let new = try newKey(secret)
            let key = try await settings.load().configuration.withKeyStore { keys in
                try await keys.create(new, deadline: .now + .seconds(10))
            }
            Terminal.printError("sluice: key \(key.id) of \(key.user), role \(key.role.rawValue)")
            Terminal.print(secret.reveal())
            return .success
        }
    }

    private func newKey(_ secret: APIKeySecret) throws(CommandError) -> NewAPIKey {
        guard let role = Role(rawValue: role) else {
            let hint = Suggestion.hint(for: role.lowercased(), among: Role.allCases.map(\.rawValue))
            throw CommandError(
                .usage,
                "role \"\(role)\" is none of \(Role.allCases.map(\.rawValue).joined(separator: ", "))\(hint)")
        }
        if let name, !(1...NewAPIKey.maximumNameLength).contains(name.unicodeScalars.count) || name.utf8.contains(0) {
            throw CommandError(
                .usage, "name has \(name.unicodeScalars.count) characters: use 1 to \(NewAPIKey.maximumNameLength)")
        }
        if let expires, !(1...3_650).contains(expires) {
            throw CommandError(.usage, "expires \(expires) is out of range: use 1 to 3650 days")
        }
        return NewAPIKey(
            digest: secret.digest, prefix: secret.prefix, name: name, user: try UserID(argument: user), role: role,
            lifetime: expires.map { .seconds($0 * 86_400) })
    }
}
