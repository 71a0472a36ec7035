import Postgres
import SluiceCore

/// The days that partitions of the sealed tables are for, by the catalogue, which everybody may read.
struct ListHeldDays: PostgresStatement {
    static let sql = """
        SELECT extract(epoch FROM b.bounds[1]::timestamptz)::bigint, extract(epoch FROM b.bounds[2]::timestamptz)::bigint
        FROM pg_inherits AS i
        JOIN pg_class AS p ON p.oid = i.inhparent AND p.relname IN ('calls', 'settlements')
        JOIN pg_namespace AS n ON n.oid = p.relnamespace AND n.nspname = 'sluice'
        JOIN pg_class AS c ON c.oid = i.inhrelid
        CROSS JOIN LATERAL regexp_match(
            pg_get_expr(c.relpartbound, c.oid), $$FROM \\('([^']+)'\\) TO \\('([^']+)'\\)$$) AS b(bounds)
        WHERE b.bounds IS NOT NULL
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Range<LedgerDay> {
        let (start, end) = (try row.decode(Int64.self, at: 0), try row.decode(Int64.self, at: 1))
        let first = LedgerDay(of: Timestamp(microseconds: start * 1_000_000))
        // Bounds are midnights of UTC; one that is not belongs to its day.
        let last = LedgerDay(of: Timestamp(microseconds: end * 1_000_000 - 1))
        return first..<max(first, last.next)
    }
}
