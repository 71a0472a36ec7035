import ArgumentParser
import SluiceJournal

/// `sluice journal`
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Look at the calls that were let through in an outage and wait for their rows, or bring them in.",
        discussion: "SLUICE_JOURNAL_DIR names the directory. Replicas bring their own calls in by themselves.",
        subcommands: [
            JournalListCommand.self, JournalInspectCommand.self, JournalVerifyCommand.self, JournalReplayCommand.self,
        ])
}

extension SettingOptions {
    /// The journal's directory as it is now.
    ///
    /// - Throws: ``CommandError`` when there is none.
    func withJournal<Value>(_ body: (JournalDirectory) async throws -> Value) async throws -> Value {
        let path = try load().configuration.journal.directory
        do {
            return try await body(try JournalDirectory(path))
        } catch let error as JournalError {
            throw CommandError(error)
        }
    }
}

extension CommandError {
    init(_ error: JournalError) {
        switch error {
        case .unusableDirectory(let path, let reason):
            self.init(
                .unavailable,
                "there is no journal in \(path) (\(reason)): name its directory by --\(Setting.journalDirectory.flag) or"
                    + " \(Setting.journalDirectory.variable)")
        case .unreadableSegment: self.init(.usage, "\(error)")
        case .invalidSetting: self.init(.configuration, "\(error)")
        }
    }
}
