import Postgres

/// Triggers that do not fire for ordinary sessions. Somebody switched them off, so somebody has to say why.
struct FindDisabledTriggers: PostgresStatement {
    static let sql = """
        SELECT c.relname::text, t.tgname::text, format('ALTER TABLE sluice.%I ENABLE TRIGGER %I', c.relname, t.tgname)
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'sluice' AND t.tgenabled IN ('D', 'R') AND (NOT t.tgisinternal OR t.tgparentid <> 0)
        ORDER BY 1, 2
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        SchemaFinding(
            kind: .disabledTrigger, object: try row.decode(at: 0),
            detail: "its trigger \(try row.decode(String.self, at: 1)) is switched off: rows may have been changed",
            remedy: "find out who did it, then \(try row.decode(String.self, at: 2))", mend: nil)
    }
}
