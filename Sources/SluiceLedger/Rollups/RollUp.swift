import Postgres

/// Sums up days that are over, and days that late calls came to.
struct RollUp: PostgresStatement {
    /// How many days at once; 1 … 1000.
    let most: Int

    static let sql = "SELECT sluice.roll_up($1)"

    func bind(into parameters: inout PostgresParameters) { parameters.append(Int32(clamping: most)) }

    /// How many days there were.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int { Int(try row.decode(Int32.self, at: 0)) }
}
