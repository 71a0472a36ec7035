import ArgumentParser
import SluiceJournal

/// `sluice journal inspect`
struct JournalInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Print the calls and settlements of a segment, one JSON object a line.",
        discussion: "Prints what can be read, and exits with 1 when that is not all.")

    @Argument(help: "The segment, as `sluice journal list` names it.") var segment: String
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            try await settings.withJournal { directory in
                try directory.forEachEntry(of: segment) { Terminal.print(try JSONText.encode(JournalLine($0))) }
                let damage = try directory.report(of: segment).damage
                for place in damage { Terminal.printError("sluice: \(segment): \(place)") }
                return damage.isEmpty ? .success : .checkFailed
            }
        }
    }
}
