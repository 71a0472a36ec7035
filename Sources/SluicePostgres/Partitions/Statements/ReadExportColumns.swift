import Postgres

/// The columns of a table of the ledger, in its order.
struct ReadExportColumns: PostgresStatement {
    let parent: String

    static let sql = """
        SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'sluice' AND c.relname = $1 AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(parent) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> ExportColumn {
        ExportColumn(name: try row.decode(at: 0), type: try row.decode(at: 1))
    }
}
