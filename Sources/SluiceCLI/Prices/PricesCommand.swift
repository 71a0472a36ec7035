import ArgumentParser

/// `sluice prices`
struct PricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices", abstract: "Show and set what models cost.",
        discussion: "A call costs what was valid when it was admitted; a new price changes nothing that was before.",
        subcommands: [PricesListCommand.self, PricesSetCommand.self])
}
