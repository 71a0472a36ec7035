import Postgres

/// Tables that wait to be written to files, the longest waiting first.
struct PendingExports: PostgresStatement {
    static let sql = "SELECT e.retirement_id, e.parent, e.partition, e.kept_as FROM sluice.pending_exports() AS e"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> PendingExport {
        PendingExport(
            id: Int(try row.decode(Int32.self, at: 0)), parent: try row.decode(at: 1), partition: try row.decode(at: 2),
            table: try row.decode(at: 3))
    }
}
