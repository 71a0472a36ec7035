import ArgumentParser

/// `sluice config`
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the effective settings and where each came from; secrets are masked.")

    @Flag(help: "Print JSON.") var json = false
    @Flag(help: .init("Print the table of docs/configuration.md.", visibility: .hidden)) var markdown = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            if markdown {
                Terminal.print(Setting.markdownTable)
                return .success
            }
            let loaded = try settings.load()
            for warning in loaded.warnings { Terminal.printError("sluice: \(warning)") }
            Terminal.print(try json ? JSONText.encode(loaded.listing) : Self.table(loaded.listing))
            return .success
        }
    }

    static func table(_ lines: [LoadedConfiguration.Line]) -> String {
        TextTable(header: ["setting", "value", "source"], rows: lines.map { [$0.setting, $0.value, $0.source] }).text
    }
}
