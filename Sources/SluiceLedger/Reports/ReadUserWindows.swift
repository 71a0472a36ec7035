import Postgres
import SluiceCore
import SluicePostgres

/// The weight of a user's calls in sliding windows that end at a moment.
struct ReadUserWindows: PostgresStatement {
    let user: UserID
    let now: Timestamp
    let lengths: [Duration]

    static let sql = """
        SELECT coalesce(r.weight, 0)
        FROM unnest($3::bigint[]) WITH ORDINALITY AS w(length, nr)
        CROSS JOIN LATERAL (
            SELECT sum(c.weight)::bigint AS weight FROM sluice.spend_rows AS c
            WHERE c.user_id = $1 AND c.calls = 1 AND c.at > $2 - w.length * interval '1 microsecond' AND c.at <= $2
        ) AS r
        ORDER BY w.nr
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(user)
        parameters.append(now)
        parameters.append(lengths.map(\.wholeMicroseconds))
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int64 { try row.decode(at: 0) }
}
