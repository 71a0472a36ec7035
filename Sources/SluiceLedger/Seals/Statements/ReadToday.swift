import Postgres
import SluiceCore
import SluicePostgres

/// The UTC day.
struct ReadToday: PostgresStatement {
    static let sql = "SELECT clock_timestamp()"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> LedgerDay {
        LedgerDay(of: try row.decode(Timestamp.self, at: 0))
    }
}
