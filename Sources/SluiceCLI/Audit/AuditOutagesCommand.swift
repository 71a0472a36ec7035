import ArgumentParser
import SluiceLedger

/// `sluice audit outages`
struct AuditOutagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outages", abstract: "Show when replicas let calls through while the database could not decide.",
        discussion: """
            Calls of a replica that are no more than five minutes apart are one line; lines that the range holds any of are \
            shown whole. Calls that still wait in a journal are not here: see `sluice journal list`.
            """)

    @Option(help: "How many lines at most; all unless given.") var limit: Int?
    @OptionGroup(title: "Report") var report: AuditOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let limit = try AuditOptions.limit(limit)
            let done = try await report.withReports(settings) { reports, range, _ throws(ReportError) in
                AuditReport(AuditTable(try await reports.outages(in: range, limit: limit)), in: range)
            }
            try done.print(as: report.format)
            return .success
        }
    }
}
