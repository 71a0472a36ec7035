import Postgres
import SluiceCore

/// Settles calls that nobody settled within their lease.
struct ExpireCalls: PostgresStatement {
    let lease: Duration
    let most: Int
    let replica: String?

    static let sql = "SELECT sluice.expire_calls($1 * interval '1 microsecond', $2, $3)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(lease.wholeMicroseconds)
        parameters.append(Int32(clamping: most))
        parameters.append(replica)
    }

    /// How many.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int { Int(try row.decode(Int32.self, at: 0)) }
}
