import Postgres

/// What the connected role, and everybody, may do to the schema.
struct RoleFacts: Equatable, Sendable {
    /// The schema's owner.
    var owner = "sluice_owner"
    /// Whether the connected role may do what the owner may.
    var isOwner = false
    /// Tables that the connected role may write to without the functions.
    var writableTables: [String] = []
    /// Of the roles that the schema is made for, those that are not there.
    var missingRoles: [String] = []
    /// Functions and tables that are open to every role of the server.
    var openToAll: [String] = []
    /// Functions that a replica calls and the connected role may not.
    var forbiddenFunctions: [String] = []
    /// Views that auditors may not read.
    var hiddenViews: [String] = []
}

/// Asks the catalog, which answers every role.
struct ReadRoleFacts: PostgresStatement {
    static let sql = """
        SELECT pg_get_userbyid(n.nspowner)::text, pg_has_role(n.nspowner, 'USAGE'),
            ARRAY(
                SELECT c.relname::text FROM pg_class AS c
                WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                    AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                ORDER BY 1),
            ARRAY(
                SELECT r FROM unnest(ARRAY['sluice_owner', 'sluice_app', 'sluice_audit']) AS r
                WHERE to_regrole(r) IS NULL),
            ARRAY(
                SELECT p.proname::text FROM pg_proc AS p,
                    aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                WHERE p.pronamespace = n.oid AND a.grantee = 0
                UNION
                SELECT c.relname::text FROM pg_class AS c, aclexplode(c.relacl) AS a
                WHERE c.relnamespace = n.oid AND a.grantee = 0
                ORDER BY 1),
            ARRAY(
                SELECT DISTINCT p.proname::text FROM pg_proc AS p
                WHERE p.pronamespace = n.oid
                    AND p.proname IN ('admit_user', 'admit_many', 'admit_one', 'admit_batch', 'peek_user', 'ensure_partitions',
                        'ensure_ahead', 'cover_recent', 'clock', 'record_unchecked', 'check_ledger', 'settle_many', 'expire_calls',
                        'record_refusals', 'user_facts', 'current_prices', 'find_key', 'note_key_uses', 'schema_versions',
                        'note_default_policy', 'expired_partitions', 'retire_partition', 'roll_up', 'seal_day')
                    AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE'))
                ORDER BY 1),
            ARRAY(
                SELECT c.relname::text FROM pg_class AS c, pg_roles AS r
                WHERE c.relnamespace = n.oid AND c.relkind = 'v' AND r.rolname = 'sluice_audit'
                    AND c.relname NOT IN ('recent', 'near', 'later', 'open_partition')
                    AND NOT (has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_table_privilege(r.oid, c.oid, 'SELECT'))
                ORDER BY 1)
        FROM pg_namespace AS n WHERE n.nspname = 'sluice'
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> RoleFacts {
        RoleFacts(
            owner: try row.decode(at: 0), isOwner: try row.decode(at: 1), writableTables: try row.decode(at: 2),
            missingRoles: try row.decode(at: 3), openToAll: try row.decode(at: 4),
            forbiddenFunctions: try row.decode(at: 5), hiddenViews: try row.decode(at: 6))
    }
}
