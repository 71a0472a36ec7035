import ArgumentParser
import SluiceCore
import SluicePostgres

/// `sluice prices list`
struct PricesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show what models cost now, in USD per million tokens.")

    @Flag(help: "Print JSON, in nano-USD per million tokens.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let prices = try await settings.load().configuration.withStore { store in
                try await store.prices(deadline: .now + .seconds(10))
            }
            Terminal.print(json ? try JSONText.encode(prices.map(Row.init)) : Self.table(prices))
            return .success
        }
    }

    /// A price as this command shows it.
    struct Row: Encodable, Equatable {
        let model: String
        let input: Int64
        let cached: Int64
        let cacheWrite: Int64
        let output: Int64

        enum CodingKeys: String, CodingKey {
            case model, input, cached, output
            case cacheWrite = "cache_write"
        }

        init(_ price: ModelPrice) {
            (model, input, cached) = (price.model, price.input, price.cached)
            (cacheWrite, output) = (price.cacheWrite, price.output)
        }
    }

    private static func table(_ prices: [ModelPrice]) -> String {
        TextTable(
            header: ["model", "input", "cached", "cache write", "output"],
            rows: prices.map { price in
                [price.model] + [price.input, price.cached, price.cacheWrite, price.output].map(NanoUSD.text)
            }
        ).text
    }
}
