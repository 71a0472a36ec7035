import ArgumentParser
import SluiceCore
import SluiceLedger

/// `sluice audit refusals`
struct AuditRefusalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refusals", abstract: "Show how often users were refused.",
        discussion: "Refusals are counted by the minute: a minute counts where the range holds its beginning.")

    @Option(help: "hour, day, user or policy.") var by = RefusalKey.day
    @Option(help: "Only those of this user, by UUID.") var user: String?
    @Option(help: "How many lines at most; all unless given.") var limit: Int?
    @OptionGroup(title: "Report") var report: AuditOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let user = try user.map { text throws(CommandError) in try UserID(argument: text) }
            let limit = try AuditOptions.limit(limit)
            let done = try await report.withReports(settings) { reports, range, _ throws(ReportError) in
                let lines = try await reports.refusals(by: by, of: user, in: range, limit: limit)
                return AuditReport(AuditTable(lines, by: by), in: range)
            }
            try done.print(as: report.format)
            return .success
        }
    }
}
