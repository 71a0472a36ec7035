import Postgres

/// Whether the server can decide: it takes writes, and the functions and the ledger are there and ours to use.
struct Probe: PostgresStatement {
    static let sql = """
        SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
            sluice.check_isolation(),
            (SELECT d.outcome FROM sluice.peek_user('00000000-0000-0000-0000-000000000000', 1, '{1}', '{1000000}') AS d)
        """

    func bind(into parameters: inout PostgresParameters) {}

    /// Whether it is read-only.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}
