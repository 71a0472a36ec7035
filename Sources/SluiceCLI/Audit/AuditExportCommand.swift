import ArgumentParser
import Logging
import SluiceLedger

/// `sluice audit export`
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write sealed days to files that anybody can verify without Sluice.",
        discussion: """
            Writes the rows as they were sealed, the chain, checksums, and a script that compares them with nothing but the \
            tools of POSIX and sha256sum. Reads views only, as sluice audit verify does. Exits with 1 when rows differ from \
            their seals; they are written nonetheless.
            """)

    @Argument(help: "A folder that is empty or is not there yet.", completion: .directory) var folder: String
    @OptionGroup(title: "Days") var days: AuditDays
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let (from, until) = try days.bounds()
            let configuration = try settings.load().configuration
            let folder = try AuditFolder(folder)
            let result = try await configuration.withConnection(logger: Log.logger(configuration)) { connection in
                try await AuditExport(LedgerReader(connection: connection), to: folder).run(
                    from: from, until: until, progress: AuditVerifyCommand.progress)
            }
            AuditVerifyCommand.endProgress()
            Terminal.print(
                "\(result.rows) rows of \(result.seals) seals in \(result.files) files; the newest chain is "
                    + "\(result.head ?? "none"). To verify: sh \(folder.path)/verify.sh")
            guard !result.differing.isEmpty else { return .success }
            for file in result.differing { Terminal.printError("differs from its seal: \(file)") }
            return .checkFailed
        }
    }
}
