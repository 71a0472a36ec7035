import HummingbirdSluice
import SluiceCore
import SluiceLedger

/// Everything about one user, in several tables.
struct AuditUserReport: Encodable {
    let user: String
    let from: String
    let to: String
    let timezone: String
    let windows: AuditTable
    let total: AuditTable
    let days: AuditTable
    let models: AuditTable
    let refusals: AuditTable
    let keys: AuditTable

    init(_ report: UserReport, of user: UserID, in range: ReportRange) {
        self.user = user.description
        from = range.from.rfc3339
        to = range.until.rfc3339
        timezone = range.zone
        windows = AuditTable(report.windows)
        total = AuditTable(report.total)
        days = AuditTable(report.days, by: .day)
        models = AuditTable(report.models, by: .model)
        refusals = AuditTable(report.refusals, by: .day)
        keys = AuditTable(report.keys)
    }

    func print(as format: AuditFormat) throws {
        switch format {
        case .table: Terminal.print(text)
        case .csv: Terminal.print(days.csv, terminator: "")
        case .json: Terminal.print(try JSONText.encode(self))
        }
    }

    private var text: String {
        let sections = [
            ("windows now", windows), ("in all", total), ("by day", days), ("by model", models), ("refusals", refusals),
            ("API keys", keys),
        ]
        let head = "user \(user)  from \(from)  to \(to)  (\(timezone))"
        return ([head] + sections.map { "\($0):\n\($1.rows.isEmpty ? "none" : $1.text)" }).joined(separator: "\n\n")
    }
}
