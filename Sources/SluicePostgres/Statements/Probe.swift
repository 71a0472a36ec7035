import Postgres

/// Whether the server can decide: it takes writes, and the functions and the ledger are there and ours to use. Goes through
/// the function that decides, and adds a row and takes it back, so that what fails for a call fails here too.
struct Probe: PostgresStatement {
    static let sql = """
        SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
            CASE WHEN NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean
                THEN sluice.check_ledger() END,
            (SELECT count(*) FROM sluice.admit_many(
                '{00000000-0000-0000-0000-000000000000}', '{00000000-0000-0000-0000-000000000000}', '{false}', '{0}',
                '{null}', '{null}', '{null}', '{1}', '{1000000}', 1, NULL)),
            has_function_privilege('sluice.admit_user(uuid, uuid[], boolean[], bigint[], text[], text[],
                sluice.call_origin[], bigint[], bigint[], integer, text, boolean)', 'EXECUTE')
        """

    func bind(into parameters: inout PostgresParameters) {}

    /// Whether it is read-only, and whether calls of one user can be decided.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> (isReadOnly: Bool, mayAdmit: Bool) {
        (try row.decode(at: 0), try row.decode(at: 3))
    }
}
