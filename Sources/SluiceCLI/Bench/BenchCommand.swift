import ArgumentParser

/// `sluice bench`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Prepare a database for measurements.",
        subcommands: [BenchFillCommand.self])
}
