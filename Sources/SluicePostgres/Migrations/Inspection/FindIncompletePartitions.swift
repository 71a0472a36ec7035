import Postgres

/// Partitions without an index or a trigger of their parent. Triggers for TRUNCATE are not inherited, so each partition has
/// its own.
struct FindIncompletePartitions: PostgresStatement {
    static let sql = """
        WITH partitions AS (
            SELECT c.oid, c.relname, p.oid AS parent FROM pg_inherits AS h
                JOIN pg_class AS c ON c.oid = h.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p')
                JOIN pg_class AS p ON p.oid = h.inhparent
                JOIN pg_namespace AS n ON n.oid = p.relnamespace
            WHERE n.nspname = 'sluice'
        )
        SELECT c.relname::text, 'index ' || i.relname
        FROM partitions AS c JOIN pg_index AS x ON x.indrelid = c.parent JOIN pg_class AS i ON i.oid = x.indexrelid
        WHERE NOT EXISTS (SELECT FROM pg_inherits AS h JOIN pg_index AS own ON own.indexrelid = h.inhrelid
            WHERE h.inhparent = x.indexrelid AND own.indrelid = c.oid)
        UNION ALL
        SELECT c.relname::text, 'trigger ' || t.tgname
        FROM partitions AS c JOIN pg_trigger AS t ON t.tgrelid = c.parent AND NOT t.tgisinternal
        WHERE CASE WHEN t.tgtype & 1 = 1
            THEN NOT EXISTS (SELECT FROM pg_trigger AS own WHERE own.tgrelid = c.oid AND own.tgparentid = t.oid)
            -- For TRUNCATE.
            ELSE t.tgtype & 32 = 32 AND NOT EXISTS (
                SELECT FROM pg_trigger AS own WHERE own.tgrelid = c.oid AND own.tgtype & 32 = 32)
            END
        ORDER BY 1, 2
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        let (name, lacking): (String, String) = (try row.decode(at: 0), try row.decode(at: 1))
        return SchemaFinding(
            kind: .incompletePartition, object: name, detail: "it lacks the \(lacking) of its parent",
            remedy: "make it on sluice.\(name) as its parent has it", mend: nil)
    }
}
