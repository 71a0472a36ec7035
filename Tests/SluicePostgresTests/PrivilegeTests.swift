import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// Who may do what in a database that a role without special rights has migrated.
@Suite struct PrivilegeTests {
    @Test func aReplicasRoleTouchesNoTable() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { app in
                for view in try await names(database, kinds: "'v'") {
                    await expectForbidden("SELECT FROM sluice.\(view)", app)
                }
                for table in try await names(database, kinds: "'r', 'p'") {
                    for statement in [
                        "SELECT FROM sluice.\(table)", "INSERT INTO sluice.\(table) DEFAULT VALUES",
                        "DELETE FROM sluice.\(table)", "TRUNCATE sluice.\(table)",
                    ] {
                        await expectForbidden(statement, app)
                    }
                }
                for statement in [
                    "CREATE TABLE sluice.mine (n int)", "ALTER FUNCTION sluice.clock() RENAME TO clock_2",
                    "CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
                    "SELECT sluice.grant_privileges()", "DROP SCHEMA sluice CASCADE", "SET ROLE sluice_owner",
                ] {
                    await expectForbidden(statement, app)
                }
            }
        }
    }

    @Test func anAuditorReadsViewsAndNothingElse() async throws {
        try await withTestDatabase { database in
            try await database.withConnection(as: .auditor) { auditor in
                let inner = ["recent", "near", "later", "open_partition"]
                let views = try await names(database, kinds: "'v'").filter { !inner.contains($0) }
                #expect(views.contains("policy_history"))
                for view in views { try await auditor.execute("SELECT FROM sluice.\(view)") }
                for table in try await names(database, kinds: "'r', 'p'") + inner {
                    await expectForbidden("SELECT FROM sluice.\(table)", auditor)
                }
                for statement in [
                    "SELECT sluice.admit(gen_random_uuid())", "SELECT sluice.revoke_key(gen_random_uuid())",
                    "SELECT sluice.set_price('m', 1)", "SELECT sluice.ensure_partitions('2033-01-01')",
                ] {
                    await expectForbidden(statement, auditor)
                }
                #expect(try await auditor.query("SELECT FROM sluice.schema_versions()").count > 0)
            }
        }
    }

    @Test func everybodyElseMayDoNothing() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                let open = try await owner.query(
                    """
                    SELECT p.oid::regprocedure::text FROM pg_proc AS p,
                        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                    WHERE p.pronamespace = 'sluice'::regnamespace AND a.grantee = 0
                    """
                ).map { try $0.decode(String.self, at: 0) }
                #expect(open.isEmpty)
                let isClosed = try await owner.query(
                    "SELECT NOT has_schema_privilege('public', 'sluice', 'USAGE, CREATE')"
                ).first?.decode(Bool.self, at: 0)
                #expect(isClosed == true)
            }
        }
    }

    /// What runs with the owner's rights resolves no name in a schema that a caller may write to.
    @Test func functionsWithTheOwnersRightsHaveAFixedPath() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                let loose = try await owner.query(
                    """
                    SELECT p.oid::regprocedure::text FROM pg_proc AS p
                    WHERE p.pronamespace = 'sluice'::regnamespace AND p.prosecdef
                        AND (p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp']) IS NOT TRUE
                    """
                ).map { try $0.decode(String.self, at: 0) }
                #expect(loose.isEmpty)
                let foreign = try await owner.query(
                    """
                    SELECT p.proname::text FROM pg_proc AS p
                    WHERE p.pronamespace = 'sluice'::regnamespace AND p.proowner <> 'sluice_owner'::regrole
                    UNION ALL
                    SELECT c.relname::text FROM pg_class AS c
                    WHERE c.relnamespace = 'sluice'::regnamespace AND c.relowner <> 'sluice_owner'::regrole
                    """
                ).map { try $0.decode(String.self, at: 0) }
                #expect(foreign.isEmpty)
            }
        }
    }

    /// Of two views the columns are those of a table, as their comments say.
    @Test func everythingThatADBAFindsHasAComment() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                let bare = try await owner.query(
                    """
                    SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class AS c
                    CROSS JOIN LATERAL (
                        SELECT 0::smallint AS attnum, NULL::name AS attname
                        UNION ALL
                        SELECT a.attnum, a.attname FROM pg_attribute AS a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                            AND c.relname NOT IN ('recent', 'near', 'later', 'open_partition', 'retired_partitions')
                    ) AS a
                    WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
                        AND CASE a.attnum WHEN 0 THEN obj_description(c.oid, 'pg_class')
                            ELSE col_description(c.oid, a.attnum) END IS NULL
                    UNION ALL
                    SELECT p.proname || '()' FROM pg_proc AS p
                    WHERE p.pronamespace = 'sluice'::regnamespace AND p.prosecdef
                        AND obj_description(p.oid, 'pg_proc') IS NULL
                    """
                ).map { try $0.decode(String.self, at: 0) }
                #expect(bare.isEmpty)
            }
        }
    }

    private func expectForbidden(_ statement: String, _ connection: PostgresConnection) async {
        await #expect(Comment(rawValue: statement)) { try await connection.execute(statement) } throws: { error in
            (error as? PostgresError)?.sqlState == SQLState("42501")
        }
    }

    /// Tables or views of the schema, partitions too.
    private func names(_ database: TestDatabase, kinds: String) async throws -> [String] {
        try await database.withOwner { owner in
            try await owner.query(
                """
                SELECT relname::text FROM pg_class
                WHERE relnamespace = 'sluice'::regnamespace AND position(quote_literal(relkind::text) IN \(kinds)) > 0
                ORDER BY 1
                """
            ).map { try $0.decode(String.self, at: 0) }
        }
    }
}
