import Postgres
import SluiceCore
import SluicePostgres

/// What each user spent, those who spent most first.
struct SpendByUser: PostgresStatement {
    let split: MonthSplit
    let limit: Int?

    static let sql = """
        WITH s AS (
            SELECT r.user_id, \(Spend.columns) FROM sluice.spend_monthly AS r
            WHERE r.month >= $5::text::date AND r.month < $6::text::date
            UNION ALL
            SELECT r.user_id, \(Spend.columns) FROM sluice.spend_daily AS r
            WHERE r.day >= $3::text::date AND r.day < $4::text::date
            UNION ALL
            SELECT r.user_id, \(Spend.columns) FROM sluice.spend_daily AS r
            WHERE r.day >= $7::text::date AND r.day < $8::text::date
            UNION ALL
            SELECT r.user_id, \(Spend.columns) FROM sluice.spend_rows AS r WHERE r.at >= $1 AND r.at < $2
            UNION ALL
            SELECT r.user_id, \(Spend.columns) FROM sluice.spend_rows AS r WHERE r.at >= $9 AND r.at < $10
        )
        SELECT u.user_id::text, u.calls, u.weight, u.unchecked, u.settled, u.unpriced, u.input_tokens, u.cached_tokens,
            u.cache_write_tokens, u.output_tokens, u.reasoning_tokens, u.cost_nanousd
        FROM (SELECT s.user_id, \(Spend.sums) FROM s GROUP BY s.user_id) AS u
        ORDER BY u.cost_nanousd DESC, u.calls DESC, u.user_id LIMIT $11
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(split.before)
        parameters.append(split.daysBefore)
        parameters.append(split.months)
        parameters.append(split.daysAfter)
        parameters.append(split.after)
        parameters.append(limit.map { Int64($0) })
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SpendLine { try SpendLine.decode(row) }
}
