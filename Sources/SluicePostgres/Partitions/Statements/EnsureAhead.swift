import Postgres

/// Makes the partitions that are missing from today on, by day or by month.
struct EnsureAhead: PostgresStatement {
    let unit: PartitionUnit
    /// Beyond today, 1 … 999.
    let days: Int

    static let sql = "SELECT sluice.ensure_ahead($1, $2)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(unit.rawValue)
        parameters.append(Int32(clamping: days))
    }

    /// How many were made.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int { Int(try row.decode(Int32.self, at: 0)) }
}
