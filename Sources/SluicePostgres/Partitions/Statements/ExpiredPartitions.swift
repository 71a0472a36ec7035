import Postgres

/// Names of partitions that are older than wanted and may go, the oldest first.
struct ExpiredPartitions: PostgresStatement {
    let days: Int
    let most: Int

    static let sql = "SELECT sluice.expired_partitions($1, $2)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(Int32(clamping: days))
        parameters.append(Int32(clamping: most))
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> String { try row.decode(at: 0) }
}
