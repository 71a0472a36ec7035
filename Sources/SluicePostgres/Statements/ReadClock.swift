import Postgres
import SluiceCore

/// Reads the clock of every decision.
struct ReadClock: PostgresStatement {
    static let sql = "SELECT sluice.clock()"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Timestamp { try row.decode(at: 0) }
}
