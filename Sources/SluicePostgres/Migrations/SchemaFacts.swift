import Postgres

/// What the catalogue says about the schema and about the role that asks. Any role may ask.
struct SchemaFacts: Sendable {
    let role: String
    let database: String
    /// `nil` when there is no schema.
    let owner: String?
    let hasTable: Bool
    let mayCallReader: Bool
    let mayReadTable: Bool
    let mayBecomeOwner: Bool
    let mayCreateSchema: Bool
    /// Of the three roles, those that the server does not have.
    let missingRoles: [String]
}

/// Reads ``SchemaFacts``.
struct ReadSchemaFacts: PostgresStatement {
    static let sql = """
        SELECT current_user::text, current_database()::text, pg_get_userbyid(n.nspowner)::text, t.oid IS NOT NULL,
            coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(f.oid, 'EXECUTE'), false),
            coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(t.oid, 'SELECT'), false),
            coalesce(pg_has_role(n.nspowner, 'MEMBER'), false),
            has_database_privilege(current_database(), 'CREATE'),
            ARRAY(SELECT name FROM unnest(ARRAY['sluice_owner', 'sluice_app', 'sluice_audit']) AS name
                WHERE to_regrole(name) IS NULL)
        FROM (SELECT 'sluice'::name AS name) AS s
            LEFT JOIN pg_namespace AS n ON n.nspname = s.name
            LEFT JOIN pg_class AS t ON t.relnamespace = n.oid AND t.relname = 'migrations' AND t.relkind = 'r'
            LEFT JOIN pg_proc AS f ON f.pronamespace = n.oid AND f.proname = 'schema_versions' AND f.pronargs = 0
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFacts {
        SchemaFacts(
            role: try row.decode(at: 0), database: try row.decode(at: 1), owner: try row.decode(at: 2),
            hasTable: try row.decode(at: 3), mayCallReader: try row.decode(at: 4), mayReadTable: try row.decode(at: 5),
            mayBecomeOwner: try row.decode(at: 6), mayCreateSchema: try row.decode(at: 7),
            missingRoles: try row.decode(at: 8))
    }
}
