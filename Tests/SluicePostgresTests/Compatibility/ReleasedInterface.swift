import Postgres

/// What programs of other releases use of the schema, one line each: functions that `sluice_app` or `sluice_audit` may call,
/// the columns of their rows and of the auditors' views, labels of enumerations.
///
/// A released line stays as it is. `migrations/released/interface.txt` keeps them.
struct ReleasedInterface: Sendable {
    static let file = ProjectFile("migrations/released/interface.txt")

    let lines: Set<String>

    static var kept: ReleasedInterface {
        get throws { ReleasedInterface(lines: Set(try file.text.split(separator: "\n").map(String.init))) }
    }

    /// Of a migrated database.
    static func found(_ connection: PostgresConnection) async throws -> ReleasedInterface {
        let rows = try await connection.query(query, [])
        return ReleasedInterface(lines: Set(try rows.map { try $0.decode(String.self, at: 0) }))
    }

    /// What was released and is no more, or is not what it was.
    func missing(from newer: ReleasedInterface) -> [String] { lines.subtracting(newer.lines).sorted() }

    /// Names of functions, in order; of overloaded ones as often as there are.
    var functions: [String] {
        lines.filter { $0.hasPrefix("function ") }.compactMap { line in
            line.dropFirst("function ".count).split(separator: "(").first.map(String.init)
        }.sorted()
    }

    /// Adds to the file what is new. A line is taken out by hand, for all to see.
    func addToFile() throws {
        let all = try Self.kept.lines.union(lines).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try Self.file.write(all.joined(separator: "\n") + "\n")
    }

    private static let query = """
        WITH callable AS (
            SELECT p.oid, p.proname, p.proargtypes::oid[] || p.prorettype AS types FROM pg_proc AS p
            WHERE p.pronamespace = 'sluice'::regnamespace
                AND (has_function_privilege('sluice_app', p.oid, 'EXECUTE')
                    OR has_function_privilege('sluice_audit', p.oid, 'EXECUTE'))
        ), row_types AS (
            SELECT coalesce(nullif(t.typelem, 0), t.oid) AS oid
            FROM callable AS f CROSS JOIN unnest(f.types) AS u(type) JOIN pg_type AS t ON t.oid = u.type
            WHERE t.typnamespace = 'sluice'::regnamespace
        )
        SELECT format('function %s(%s) RETURNS %s', f.proname, pg_get_function_arguments(f.oid),
            coalesce(pg_get_function_result(f.oid), 'nothing'))
        FROM callable AS f
        UNION ALL
        SELECT format('%s %s %s %s %s', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'type' END, c.relname,
            to_char(row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), 'FM00'), a.attname,
            format_type(a.atttypid, a.atttypmod))
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'sluice'::regnamespace
            AND (c.relkind = 'v' AND has_table_privilege('sluice_audit', c.oid, 'SELECT')
                OR c.reltype IN (SELECT r.oid FROM row_types AS r))
        UNION ALL
        SELECT format('label %s %s', t.typname, e.enumlabel)
        FROM pg_enum AS e JOIN pg_type AS t ON t.oid = e.enumtypid WHERE t.typnamespace = 'sluice'::regnamespace
        """
}
