import Postgres

/// The time zones that the database knows by their IANA names.
struct ReadZones: PostgresStatement {
    static let sql = "SELECT z.name FROM pg_catalog.pg_timezone_names AS z WHERE z.name !~ '^posix' ORDER BY z.name"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> String { try row.decode(at: 0) }
}
