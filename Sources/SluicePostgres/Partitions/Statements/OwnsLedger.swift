import Postgres

/// Whether this role may alter the ledger's tables, and the server detaches without holding anybody up.
struct OwnsLedger: PostgresStatement {
    static let sql = """
        SELECT current_setting('server_version_num')::integer >= 140000 AND pg_has_role(c.relowner, 'USAGE')
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'sluice' AND c.relname = 'calls'
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}
