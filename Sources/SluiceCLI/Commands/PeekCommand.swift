import ArgumentParser
import SluiceCore
import SluicePostgres

/// `sluice peek`
struct PeekCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peek", abstract: "Show a user's windows and what a call would be told; counts nothing.",
        discussion: "Exits with 0 whatever it sees.")

    @Argument(help: "The user's UUID.") var user: String
    @Option(help: "The weight of the call to ask about.") var weight: Int64 = 1
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let user = try UserID(argument: user)
            guard (0...Call.maximumWeight).contains(weight) else {
                throw CommandError(.usage, "\(CallError.weightOutOfRange(weight))")
            }
            let configuration = try settings.load().configuration
            let peek = try await configuration.withStore { store in
                try await store.peek(
                    user, weight: weight, under: configuration.policy, deadline: .now + .seconds(10))
            }
            let report = DecisionReport(peek)
            Terminal.print(json ? try JSONText.encode(report) : report.text)
            return .success
        }
    }
}
