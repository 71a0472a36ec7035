import Postgres

/// Whether this transaction is the one that writes tables to files; one at a time does.
struct ClaimExport: PostgresStatement {
    // The class is that of the makers of partitions: 'slpc' in ASCII.
    static let sql = "SELECT pg_try_advisory_xact_lock(1936486499, 2)"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}
