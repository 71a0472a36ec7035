import Postgres

/// Roles that may write the tables directly or make things in the schema, the owner left out.
struct FindWriters: PostgresStatement {
    static let sql = """
        SELECT g.object, g.privilege, coalesce(pg_get_userbyid(nullif(g.grantee, 0)), 'everybody'), g.revoke
        FROM (
            SELECT c.relname::text AS object, a.privilege_type AS privilege, a.grantee, c.relowner AS owner,
                format('REVOKE %s ON sluice.%I FROM ', a.privilege_type, c.relname) AS revoke
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) AS a
            WHERE n.nspname = 'sluice' AND c.relkind IN ('r', 'p')
                AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
            UNION ALL
            SELECT 'sluice', a.privilege_type, a.grantee, n.nspowner, 'REVOKE CREATE ON SCHEMA sluice FROM '
            FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
            WHERE n.nspname = 'sluice' AND a.privilege_type = 'CREATE'
        ) AS g
        WHERE g.grantee <> g.owner
        ORDER BY 1, 2, 3
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        let grantee = try row.decode(String.self, at: 2)
        return SchemaFinding(
            kind: .privilege, object: try row.decode(at: 0),
            detail: "\(grantee) has \(try row.decode(String.self, at: 1)) on it, past the functions",
            remedy: "find out why, then " + (try row.decode(String.self, at: 3))
                + (grantee == "everybody" ? "PUBLIC" : grantee), mend: nil)
    }
}
