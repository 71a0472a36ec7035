import Postgres
import SluiceCore

/// Moves the views that admission keeps cached plans over. A row tells how long today lasts by the ledger's clock.
struct CoverRecent: PostgresStatement {
    let longestWindow: Duration

    static let sql = """
        SELECT sluice.cover_recent($1 * interval '1 microsecond'), (extract(epoch FROM date_trunc('day', c.at) + interval '1 day' - c.at)
            * 1000000)::bigint
        FROM (SELECT sluice.clock() AT TIME ZONE 'UTC' AS at OFFSET 0) AS c
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(longestWindow.wholeMicroseconds) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Duration {
        .microseconds(try row.decode(Int64.self, at: 1))
    }
}
