import ArgumentParser
import SluiceCore
import SluiceJournal

/// `sluice journal replay`
struct JournalReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Bring the waiting segments of replicas that are gone to the database.",
        discussion: """
            Segments that a running replica holds are left to it. A call that the database knows already is not counted \
            twice, so this may be repeated and interrupted. Exits with 69 when something is left.
            """)

    @Flag(help: "Only say what would be brought.") var dryRun = false
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let segments = try await settings.withJournal { try $0.segments() }
            var report = JournalReplayReport(segments)
            if !dryRun, report.waiting > 0 { try await replay(&report) }
            Terminal.print(try json ? JSONText.encode(report) : report.text(isDryRun: dryRun))
            return report.isDone || dryRun ? .success : .unavailable
        }
    }

    /// Goes on as long as it gets on: a connection that was lost does not come back.
    private func replay(_ report: inout JournalReplayReport) async throws {
        let configuration = try settings.load().configuration
        (report.outcome, report.left) = try await configuration.withStore { store in
            let journal = try Self.open(configuration.journal.directory)
            defer { journal.close() }
            var outcome = JournalReplayReport.Outcome()
            while journal.status.records + journal.status.left > 0 {
                let counts = await journal.drain(into: store, deadline: .now + .seconds(10))
                outcome.add(counts)
                guard counts.recorded + counts.known + counts.rejected > 0 else { break }
            }
            return (outcome, journal.status.records + journal.status.left)
        }
    }

    private static func open(_ directory: String) throws(CommandError) -> Journal {
        do throws(JournalError) {
            return try Journal(JournalSettings(directory: directory))
        } catch {
            throw CommandError(error)
        }
    }
}
