import Postgres
import SluiceCore
import SluicePostgres

/// What was spent by API key or route, of one user or all. Both are told by the row of a call, which is looked up for what it
/// took: nearly always among those of the same day and the day before.
struct SpendByOrigin: PostgresStatement {
    let key: SpendKey
    let user: UserID?
    /// Within one UTC day, so that the calls of two days are all that is kept in memory.
    let range: ReportRange

    static let sql = """
        WITH s AS (
            SELECT o.key_id, o.route, \(Spend.columns)
            FROM sluice.spend_rows AS r
            LEFT JOIN sluice.call_origins AS o
                ON o.user_id = r.user_id AND o.call_id = r.call_id AND o.admitted_at = r.admitted_at
                    AND o.admitted_at >= $3 - interval '1 day' AND o.admitted_at < $4
            WHERE r.at >= $3 AND r.at < $4 AND r.admitted_at >= $3 - interval '1 day'
                AND ($2::uuid IS NULL OR r.user_id = $2)
            UNION ALL
            SELECT o.key_id, o.route, \(Spend.columns)
            FROM sluice.spend_rows AS r
            LEFT JOIN LATERAL (
                SELECT c.key_id, c.route FROM sluice.call_origins AS c
                WHERE c.user_id = r.user_id AND c.call_id = r.call_id AND c.admitted_at = r.admitted_at LIMIT 1
            ) AS o ON true
            WHERE r.at >= $3 AND r.at < $4 AND r.admitted_at < $3 - interval '1 day'
                AND ($2::uuid IS NULL OR r.user_id = $2)
        )
        SELECT CASE $1::text WHEN 'key' THEN s.key_id::text ELSE s.route END, \(Spend.sums)
        FROM s GROUP BY 1
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(key.rawValue)
        parameters.append(user)
        parameters.append(range.from..<range.until)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SpendLine { try SpendLine.decode(row) }
}
