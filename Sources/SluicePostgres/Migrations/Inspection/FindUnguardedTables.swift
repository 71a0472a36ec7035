import Postgres

/// Tables of the ledger whose rows somebody could change: the trigger that refuses it is gone, or refuses nothing.
struct FindUnguardedTables: PostgresStatement {
    static let sql = """
        SELECT t.name, 'a trigger that refuses ' || g.word || ' is missing: rows may have been changed'
        FROM unnest(ARRAY['calls', 'settlements', 'refusals', 'api_keys', 'retirements', 'seals', 'seal_ranges',
            'seal_late_calls']) AS t(name)
        CROSS JOIN (VALUES (8, 'DELETE'), (32, 'TRUNCATE')) AS g(bit, word)
        JOIN pg_class AS c ON c.relname = t.name
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'sluice'
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger AS r JOIN pg_proc AS p ON p.oid = r.tgfoid
            WHERE r.tgrelid = c.oid AND r.tgtype & g.bit <> 0 AND p.proname IN ('refuse_change', 'refuse_rewrite'))
        UNION ALL
        SELECT p.proname::text, 'it refuses nothing: rows may have been changed'
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'sluice' AND p.proname = 'refuse_change' AND position('RAISE restrict_violation' IN p.prosrc) = 0
        ORDER BY 1, 2
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        SchemaFinding(
            kind: .unguarded, object: try row.decode(at: 0), detail: try row.decode(at: 1),
            remedy: "find out who did it, then make it as the migrations do: `sluice migrate up --print-sql` shows how",
            mend: nil)
    }
}
