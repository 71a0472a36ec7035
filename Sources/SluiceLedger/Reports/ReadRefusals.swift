import Postgres
import SluiceCore
import SluicePostgres

/// How often users were refused, in a range that begins and ends with minutes.
struct ReadRefusals: PostgresStatement {
    let key: RefusalKey
    let user: UserID?
    let range: ReportRange
    let limit: Int?

    // Hours are told as moments: in a night in which clocks are put back, one of them comes twice.
    static let sql = """
        SELECT CASE $1::text WHEN 'day' THEN to_char(r.minute AT TIME ZONE $2::text, 'YYYY-MM-DD')
                WHEN 'user' THEN r.user_id::text WHEN 'policy' THEN r.policy_id::text END,
            CASE WHEN $1::text = 'hour' THEN date_trunc('hour', r.minute, $2::text) END,
            sum(r.refused)::bigint, count(DISTINCT r.user_id)
        FROM sluice.refusals_by_minute AS r
        WHERE r.minute >= $3 AND r.minute < $4 AND ($5::uuid IS NULL OR r.user_id = $5)
        GROUP BY 1, 2
        ORDER BY CASE WHEN $1::text IN ('user', 'policy') THEN sum(r.refused) END DESC, 2, 1 LIMIT $6
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(key.rawValue)
        parameters.append(range.zone)
        parameters.append(range.from..<range.until)
        parameters.append(user)
        parameters.append(limit.map { Int64($0) })
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> RefusalLine {
        RefusalLine(
            key: try row.decode(at: 0), hour: try row.decode(at: 1), refused: try row.decode(at: 2),
            users: try row.decode(at: 3))
    }
}
