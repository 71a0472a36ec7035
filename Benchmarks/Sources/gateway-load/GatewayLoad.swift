import ArgumentParser

/// The two ends of a measurement of the gateway: who asks, and who answers.
@main
struct GatewayLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway-load", abstract: "Calls a model's endpoint, or stands in for the model.",
        subcommands: [CallCommand.self, AnswerCommand.self])
}
