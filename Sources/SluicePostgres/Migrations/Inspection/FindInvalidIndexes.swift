import Postgres

/// Indexes that a killed or failed build has left, other than those under construction now.
struct FindInvalidIndexes: PostgresStatement {
    /// What REINDEX CONCURRENTLY leaves has a name of its own and is of no use; any other one is built again.
    static let sql = """
        SELECT c.relname::text, c.relkind = 'I',
            format(CASE WHEN c.relname ~ '_cc(new|old)\\d*$' THEN 'DROP INDEX CONCURRENTLY sluice.%I'
                ELSE 'REINDEX INDEX CONCURRENTLY sluice.%I' END, c.relname)
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'sluice' AND NOT (i.indisvalid AND i.indisready AND i.indislive)
            AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = c.oid)
        ORDER BY 1
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        let name: String = try row.decode(at: 0)
        guard try row.decode(at: 1) else {
            return SchemaFinding(
                kind: .invalidIndex, object: name, detail: "its build did not end", remedy: SchemaFinding.repair,
                mend: try row.decode(at: 2))
        }
        return SchemaFinding(
            kind: .invalidIndex, object: name, detail: "some partitions have no part of it",
            remedy: "build the index on each of them, then ALTER INDEX sluice.\(name) ATTACH PARTITION …", mend: nil)
    }
}
