import Postgres

/// Whether the database holds anything already, and whose it is.
struct ReadFillTarget: PostgresStatement {
    let firstDay: LedgerDay
    let endDay: LedgerDay

    struct Row: Equatable {
        /// There are rows of the ledger.
        let isUsed: Bool
        /// Some are not of this generator.
        let isForeign: Bool
        /// Some lie in the days that are to be filled.
        let isTaken: Bool
        /// Replicas have summed up or sealed some of these days, or later ones: rows that come now would stay out of it.
        let isClosed: Bool
    }

    static let sql = """
        WITH used AS (
            SELECT EXISTS (SELECT FROM sluice.calls) OR EXISTS (SELECT FROM sluice.settlements)
                OR EXISTS (SELECT FROM sluice.refusals) AS is_used
        )
        SELECT u.is_used,
            CASE WHEN u.is_used THEN
                EXISTS (SELECT FROM sluice.calls AS c WHERE starts_with(c.replica, 'fill-') IS NOT TRUE)
                OR EXISTS (SELECT FROM sluice.settlements AS s WHERE starts_with(s.replica, 'fill-') IS NOT TRUE)
                OR EXISTS (SELECT FROM sluice.refusals AS r WHERE starts_with(r.replica, 'fill-') IS NOT TRUE)
            ELSE false END,
            EXISTS (SELECT FROM sluice.calls AS c WHERE c.admitted_at >= ($1::date)::timestamp AT TIME ZONE 'UTC'
                AND c.admitted_at < ($2::date)::timestamp AT TIME ZONE 'UTC'),
            EXISTS (SELECT FROM sluice.rollup_progress AS p WHERE p.rolled_until > $1::date)
                OR EXISTS (SELECT FROM sluice.seals AS s WHERE s.day >= $1::date)
        FROM used AS u
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(firstDay.description)
        parameters.append(endDay.description)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Row {
        Row(
            isUsed: try row.decode(at: 0), isForeign: try row.decode(at: 1), isTaken: try row.decode(at: 2),
            isClosed: try row.decode(at: 3))
    }
}
