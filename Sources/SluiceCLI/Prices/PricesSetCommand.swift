import ArgumentParser
import SluiceCore
import SluicePostgres

/// `sluice prices set`
struct PricesSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set what a model costs from now on, in USD per million tokens.",
        discussion: "sluice prices set 'gpt-4o*' --input 2.50 --cached 1.25 --output 10")

    @Argument(help: "The model's name, or the beginning of it with * after it; the longest that matches counts.")
    var model: String
    @Option(help: "Of the question's tokens.") var input: String
    @Option(help: "Of those that were read from the provider's cache; as --input if left out.") var cached: String?
    @Option(help: "Of those that were written to it; as --input if left out.") var cacheWrite: String?
    @Option(help: "Of the answer's tokens.") var output: String
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let price = try price()
            _ = try await settings.load().configuration.withStore { store in
                try await store.setPrice(price, deadline: .now + .seconds(10))
            }
            Terminal.printError("sluice: \(model) is priced")
            return .success
        }
    }

    private func price() throws(CommandError) -> NewPrice {
        let length = model.utf8.count
        guard (1...Call.maximumLabelBytes).contains(length), !model.dropLast().contains("*"), !model.utf8.contains(0)
        else {
            throw CommandError(
                .usage, "model \"\(model)\" is no name of 1 to 256 bytes: use a * at its end only")
        }
        return NewPrice(
            model: model, input: try Self.nanoUSD(input, "input"), cached: try Self.optional(cached, "cached"),
            cacheWrite: try Self.optional(cacheWrite, "cache-write"), output: try Self.nanoUSD(output, "output"))
    }

    private static func optional(_ text: String?, _ name: String) throws(CommandError) -> Int64? {
        guard let text else { return nil }
        return try nanoUSD(text, name)
    }

    private static func nanoUSD(_ text: String, _ name: String) throws(CommandError) -> Int64 {
        guard let amount = NanoUSD.parse(text), amount <= 1_000_000_000_000_000 else {
            throw CommandError(
                .usage,
                "\(name) \"\(text)\" is no price: use USD per million tokens, such as 2.50, with at most 9 decimals, up to 1000000"
            )
        }
        return amount
    }
}
