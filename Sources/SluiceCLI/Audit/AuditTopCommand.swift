import ArgumentParser
import SluiceLedger

/// `sluice audit top`
struct AuditTopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show who, or what, spent most.",
        discussion: "Of a whole month, or this one up to now, users are summed up already.")

    @Option(help: "user, model, key or route.") var by = SpendKey.user
    @Option(help: "How many lines at most.") var limit = 100
    @OptionGroup(title: "Report") var report: AuditOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            guard !by.isTime else {
                throw CommandError(.usage, "--by \(by.rawValue) has no order of spend: use `sluice audit spend`")
            }
            let limit = try AuditOptions.limit(limit)
            let done = try await report.withReports(settings) { reports, range, _ throws(ReportError) in
                let lines = try await reports.spend(by: by, in: range, limit: limit, progress: AuditProgress.report)
                return AuditReport(AuditTable(lines, by: by), in: range)
            }
            try done.print(as: report.format)
            return .success
        }
    }
}
