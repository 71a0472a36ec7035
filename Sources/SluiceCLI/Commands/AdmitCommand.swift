import ArgumentParser
import HummingbirdSluice
import Logging
import Postgres
import SluiceCore
import SluicePostgres

/// `sluice admit`
struct AdmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admit", abstract: "Decide one call of a user, in the database itself, and count it if admitted.",
        discussion: "Exits with 0 when admitted, 75 when refused, 65 when it never fits.")

    @Argument(help: "The user's UUID.") var user: String
    @Option(help: "How much of the window the call takes; 0 only looks.") var weight: Int64 = 1
    @Option(help: "The call's id, a UUID of version 7: the same id again gets the first answer.") var callID: String?
    @Option(help: "What is called, for the ledger.") var route: String?
    @Option(help: "The model that is asked, for the ledger.") var model: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let call = try makeCall()
            let configuration = try settings.load().configuration
            let decision = try await configuration.withStore { store in
                try await store.admit(
                    [call], under: configuration.policy, waitingForLocks: true, deadline: .now + .seconds(10)
                ).first?.get()
            }
            guard let decision else { throw CommandError(.internalError, "the database decided nothing") }
            let report = DecisionReport(decision, user: call.user)
            Terminal.print(json ? try JSONText.encode(report) : report.text)
            return CommandStatus(decision)
        }
    }

    private func makeCall() throws(CommandError) -> Call {
        let user = try UserID(argument: user)
        let given = try callID.map { text throws(CommandError) in try CallID(argument: text) }
        do throws(CallError) {
            return try Call(
                user: user, id: given ?? Self.newID(), isIDSupplied: given != nil, weight: weight, route: route,
                model: model)
        } catch {
            throw CommandError(.usage, "\(error)")
        }
    }

    private static func newID() -> CallID {
        var generator = SystemRandomNumberGenerator()
        return .version7(at: .wallClock(), using: &generator)
    }
}

extension CommandStatus {
    init(_ decision: Decision) {
        switch decision {
        case .admitted: self = .success
        case .refused: self = .refused
        case .neverFits: self = .neverFits
        }
    }
}
