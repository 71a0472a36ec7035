import ArgumentParser
import Glibc
import Logging
import SluiceLedger

/// `sluice audit verify`
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare the ledger with its seals, row by row.",
        discussion: """
            Recomputes every digest outside the database, reading views only: DATABASE_URL may name a role that is a member \
            of sluice_audit and nothing else. Exits with 1 when something differs. Give --head a chain that a replica \
            logged, or that an earlier run printed, and seals that were removed since are found, too.
            """)

    @Option(help: "A chain that was kept outside the database: 64 hexadecimal digits.") var head: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup(title: "Days") var days: AuditDays
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let (from, until) = try days.bounds()
            let head = try head.map { text throws(CommandError) in try Self.head(text) }
            let configuration = try settings.load().configuration
            let report = try await configuration.withConnection(logger: Log.logger(configuration)) { connection in
                try await SealVerifier(connection: connection).verify(
                    from: from, until: until, head: head, progress: Self.progress)
            }
            Self.endProgress()
            Terminal.print(try json ? JSONText.encode(AuditVerifyReport(report)) : AuditVerifyText(report).text)
            return report.problems.isEmpty ? .success : .checkFailed
        }
    }

    private static func head(_ text: String) throws(CommandError) -> String {
        let head = text.lowercased()
        guard head.utf8.count == 64, head.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw CommandError(
                .usage, "--head \"\(text)\" is no chain: give the 64 hexadecimal digits that a replica has logged")
        }
        return head
    }

    /// For a person at a terminal.
    static func progress(_ day: LedgerDay, _ rows: Int) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write("\r\u{1B}[K\(day), \(rows) rows so far")
    }

    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write("\r\u{1B}[K")
    }

    private static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
