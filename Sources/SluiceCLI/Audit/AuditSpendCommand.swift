import ArgumentParser
import SluiceCore
import SluiceLedger

/// `sluice audit spend`
struct AuditSpendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spend", abstract: "Show what was spent.",
        discussion: """
            By key or route, and by day in another time zone than UTC, it reads the ledger's rows day by day, which takes \
            seconds for a million calls; all else is summed up already.
            """)

    @Option(help: "day, month, model, user, key or route.") var by = SpendKey.day
    @Option(help: "Only what this user spent, by UUID.") var user: String?
    @Option(help: "How many lines at most; all unless given.") var limit: Int?
    @OptionGroup(title: "Report") var report: AuditOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let user = try user.map { text throws(CommandError) in try UserID(argument: text) }
            let limit = try AuditOptions.limit(limit)
            let done = try await report.withReports(settings) { reports, range, _ throws(ReportError) in
                let lines = try await reports.spend(
                    by: by, of: user, in: range, limit: limit, progress: AuditProgress.report)
                return AuditReport(AuditTable(lines, by: by), in: range)
            }
            try done.print(as: report.format)
            return .success
        }
    }
}
