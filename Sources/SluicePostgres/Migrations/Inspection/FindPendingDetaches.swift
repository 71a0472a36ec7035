import Postgres

/// Partitions that were being detached when somebody was killed. PostgreSQL 14 or later.
struct FindPendingDetaches: PostgresStatement {
    static let sql = """
        SELECT c.relname::text, p.relname::text,
            format('ALTER TABLE sluice.%I DETACH PARTITION sluice.%I FINALIZE', p.relname, c.relname)
        FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid JOIN pg_class AS p ON p.oid = h.inhparent
            JOIN pg_namespace AS n ON n.oid = p.relnamespace
        WHERE n.nspname = 'sluice' AND h.inhdetachpending
        ORDER BY 1
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        SchemaFinding(
            kind: .pendingDetach, object: try row.decode(at: 0),
            detail: "it was being detached from \(try row.decode(String.self, at: 1))", remedy: SchemaFinding.repair,
            mend: try row.decode(at: 2))
    }
}
