import ArgumentParser
import SluiceCore
import SluiceLedger

/// `sluice audit user`
struct AuditUserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Show everything about one user.",
        discussion: """
            The windows are those of this command's settings, as they are now. As CSV it is the spend by day. Unchecked calls \
            and calls of unknown price have columns of their own.
            """)

    @Argument(help: "The user's UUID.") var user: String
    @OptionGroup(title: "Report") var report: AuditOptions
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let user = try UserID(argument: user)
            let done = try await report.withReports(settings) { reports, range, configuration throws(ReportError) in
                let found = try await reports.user(
                    user, in: range, windows: configuration.policy.windows, progress: AuditProgress.report)
                return AuditUserReport(found, of: user, in: range)
            }
            try done.print(as: report.format)
            return .success
        }
    }
}
