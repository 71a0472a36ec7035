import Postgres
import SluiceCore
import SluicePostgres

/// The outages that a range holds any of.
struct ReadOutages: PostgresStatement {
    let range: ReportRange
    let limit: Int?

    static let sql = """
        SELECT o.replica, o.first_at, o.last_at, o.calls, o.users, o.weight FROM sluice.outages AS o
        WHERE o.last_at >= $1 AND o.first_at < $2 ORDER BY o.first_at, o.replica LIMIT $3
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(range.from..<range.until)
        parameters.append(limit.map { Int64($0) })
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> OutageSpan {
        OutageSpan(
            replica: try row.decode(at: 0), first: try row.decode(at: 1), last: try row.decode(at: 2),
            calls: try row.decode(at: 3), users: try row.decode(at: 4), weight: try row.decode(at: 5))
    }
}
