import ArgumentParser
import SluiceJournal

/// `sluice journal verify`
struct JournalVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every record of the journal against its checksum.",
        discussion: """
            Exits with 1 when something is damaged, and says where. An incomplete record at the end of a waiting segment is \
            what a crash leaves: its caller was not answered, and the next start cuts it off.
            """)

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let listings = try await settings.withJournal { try $0.segments().map(SegmentListing.init) }
            Terminal.print(try json ? JSONText.encode(listings) : listings.map(Self.text).joined(separator: "\n"))
            return listings.allSatisfy(\.damage.isEmpty) ? .success : .checkFailed
        }
    }

    private static func text(_ listing: SegmentListing) -> String {
        let records = "\(listing.records) record\(listing.records == 1 ? "" : "s")"
        guard !listing.damage.isEmpty else { return "ok      \(listing.segment): \(records)" }
        let damage = listing.damage.map(\.what).joined(separator: "; ")
        return "damaged \(listing.segment): \(records) can be read; \(damage)"
    }
}
