import Postgres

/// How many unchecked calls are listed for each seal.
struct CountListedCalls: PostgresStatement {
    static let sql = "SELECT k.seal_no, count(*) FROM sluice.sealed_late_calls AS k GROUP BY k.seal_no"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> (Int, Int) {
        (Int(try row.decode(Int64.self, at: 0)), Int(try row.decode(Int64.self, at: 1)))
    }
}
