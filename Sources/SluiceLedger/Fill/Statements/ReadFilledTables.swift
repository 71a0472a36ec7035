import Postgres

/// The partitions in which the rows of a day are, however long they reach.
struct ReadFilledTables: PostgresStatement {
    let day: LedgerDay

    static let sql = """
        WITH bounds AS (
            SELECT ($1::date)::timestamp AT TIME ZONE 'UTC' AS first_at, ($1::date + 1)::timestamp AT TIME ZONE 'UTC' AS end_at
        )
        SELECT t.name FROM bounds AS b CROSS JOIN LATERAL (
            (SELECT c.tableoid::regclass::text AS name FROM sluice.calls AS c
                WHERE c.admitted_at >= b.first_at AND c.admitted_at < b.end_at LIMIT 1)
            UNION ALL (SELECT s.tableoid::regclass::text FROM sluice.settlements AS s
                WHERE s.settled_at >= b.first_at AND s.settled_at < b.end_at LIMIT 1)
        ) AS t
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(day.description) }

    /// A table's name, quoted where it must be.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> String { try row.decode(at: 0) }
}
