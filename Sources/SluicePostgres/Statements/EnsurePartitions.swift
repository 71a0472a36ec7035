import Postgres

/// Makes the partitions that are missing from today on.
struct EnsurePartitions: PostgresStatement {
    /// From today, 1 … 1000.
    let days: Int

    static let sql = "SELECT sluice.ensure_partitions((sluice.clock() AT TIME ZONE 'UTC')::date, $1)"

    func bind(into parameters: inout PostgresParameters) { parameters.append(Int32(clamping: days)) }

    /// How many were made.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int { Int(try row.decode(Int32.self, at: 0)) }
}
