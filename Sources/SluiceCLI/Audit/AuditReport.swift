import HummingbirdSluice
import SluiceLedger

/// A report of one table, with what it is about.
struct AuditReport: Encodable {
    let from: String
    let to: String
    let timezone: String
    let rows: AuditTable

    init(_ rows: AuditTable, in range: ReportRange) {
        from = range.from.rfc3339
        to = range.until.rfc3339
        timezone = range.zone
        self.rows = rows
    }

    func print(as format: AuditFormat) throws {
        switch format {
        case .table: Terminal.print(rows.text)
        // Each line has its end already.
        case .csv: Terminal.print(rows.csv, terminator: "")
        case .json: Terminal.print(try JSONText.encode(self))
        }
    }
}
