import Postgres

/// What all users spent: by UTC day, month or model, or in one line.
struct SpendOfAll: PostgresStatement {
    let key: SpendKey?
    let split: DaySplit

    static let sql = """
        WITH s AS (
            SELECT r.day, r.model, \(Spend.columns) FROM sluice.spend_by_model AS r
            WHERE r.day >= $4::text::date AND r.day < $5::text::date
            UNION ALL
            SELECT (r.at AT TIME ZONE 'UTC')::date, nullif(r.model, ''), \(Spend.columns) FROM sluice.spend_rows AS r
            WHERE r.at >= $2 AND r.at < $3
            UNION ALL
            SELECT (r.at AT TIME ZONE 'UTC')::date, nullif(r.model, ''), \(Spend.columns) FROM sluice.spend_rows AS r
            WHERE r.at >= $6 AND r.at < $7
        )
        SELECT CASE $1::text WHEN 'day' THEN to_char(s.day, 'YYYY-MM-DD') WHEN 'month' THEN to_char(s.day, 'YYYY-MM')
                WHEN 'model' THEN s.model END, \(Spend.sums)
        FROM s GROUP BY 1
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(key?.rawValue)
        parameters.append(split.before)
        parameters.append(split.days)
        parameters.append(split.after)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SpendLine { try SpendLine.decode(row) }
}
