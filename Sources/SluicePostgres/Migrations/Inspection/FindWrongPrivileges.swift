import Postgres

/// Functions that the service needs and may not call, and functions that everybody may. Version 7 or later.
struct FindWrongPrivileges: PostgresStatement {
    /// The version that the schema is at.
    let version: Int

    static let sql = """
        SELECT p.proname::text, has_function_privilege('public', p.oid, 'EXECUTE')
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'sluice' AND p.prokind = 'f'
            AND EXISTS (SELECT FROM pg_proc AS g WHERE g.pronamespace = n.oid AND g.proname = 'grant_privileges')
            AND (has_function_privilege('public', p.oid, 'EXECUTE')
                OR p.proname = ANY ($1) AND NOT coalesce(
                    has_schema_privilege(to_regrole('sluice_app'), n.oid, 'USAGE')
                    AND has_function_privilege(to_regrole('sluice_app'), p.oid, 'EXECUTE'), true))
        ORDER BY 1
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(SchemaVersion.functions(at: version)) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SchemaFinding {
        SchemaFinding(
            kind: .privilege, object: try row.decode(at: 0),
            detail: try row.decode(at: 1) ? "everybody may call it" : "sluice_app may not call it",
            remedy: SchemaFinding.repair, mend: "SELECT sluice.grant_privileges()")
    }
}
