import Postgres

/// Drops a table that was written to a file, if it holds as many rows as were written.
struct DropExported: PostgresStatement {
    let table: String
    let rows: Int

    static let sql = "SELECT FROM sluice.drop_exported($1, $2)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(table)
        parameters.append(Int64(rows))
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}
