import ArgumentParser
import SluiceJournal

/// `sluice journal list`
struct JournalListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the segments of the journal.",
        discussion: """
            held: a running replica has it and brings it in. waiting: its replica is gone; the next one to start with this \
            directory, or `sluice journal replay`, brings it in. corrupt, unknown, rejected: set aside for a person.
            """)

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let listings = try await settings.withJournal { try $0.segments().map(SegmentListing.init) }
            Terminal.print(try json ? JSONText.encode(listings) : SegmentListing.table(listings))
            return .success
        }
    }
}
