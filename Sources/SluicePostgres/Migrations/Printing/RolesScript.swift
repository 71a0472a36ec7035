/// SQL with which a superuser makes the three roles, and gives them what is theirs. It may be run again, before the first
/// migration or after any.
public struct RolesScript: Sendable {
    /// The role that runs the migrations.
    public let migrator: String
    /// Where the schema is, or will be.
    public let database: String

    public init(migrator: String, database: String) {
        self.migrator = migrator
        self.database = database
    }

    public var text: String {
        """
        -- The roles of Sluice. Run it with psql as a superuser, in the database \(Self.comment(database)).
        \\set ON_ERROR_STOP on
        BEGIN;
        SET LOCAL search_path = pg_catalog, pg_temp;
        SET LOCAL lock_timeout = '2s';

        DO $sluice$
        DECLARE
            role text;
        BEGIN
            FOREACH role IN ARRAY ARRAY['sluice_owner', 'sluice_app', 'sluice_audit'] LOOP
                CONTINUE WHEN to_regrole(role) IS NOT NULL;
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            END LOOP;
        END
        $sluice$;

        -- Who migrates acts as the owner, and makes the schema when there is none.
        \(ownership)
        GRANT CREATE ON DATABASE \(MigratorText.identifier(database)) TO \(MigratorText.identifier(migrator));

        \(Self.handingOver)

        COMMIT;

        -- Then, for each login that needs it:
        --   GRANT sluice_app TO the_login_of_the_service;
        --   GRANT sluice_audit TO the_login_of_an_auditor;

        """
    }

    private var ownership: String {
        migrator == "sluice_owner"
            ? "-- sluice_owner itself migrates."
            : "GRANT sluice_owner TO \(MigratorText.identifier(migrator));"
    }

    /// What a schema that was made without the roles holds goes to its owner-to-be. Indexes, partitions' types and sequences
    /// of columns follow their tables.
    private static let handingOver = """
        DO $sluice$
        DECLARE
            statement text;
        BEGIN
            IF to_regnamespace('sluice') IS NULL THEN
                RETURN;
            END IF;
            ALTER SCHEMA sluice OWNER TO sluice_owner;
            FOR statement IN
                SELECT format('ALTER TABLE sluice.%I OWNER TO sluice_owner', c.relname) FROM pg_class AS c
                WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND c.relowner <> 'sluice_owner'::regrole
                UNION ALL
                SELECT format('ALTER SEQUENCE sluice.%I OWNER TO sluice_owner', c.relname) FROM pg_class AS c
                WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'S'
                    AND c.relowner <> 'sluice_owner'::regrole AND NOT EXISTS (
                        SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
                UNION ALL
                SELECT format('ALTER TYPE sluice.%I OWNER TO sluice_owner', t.typname) FROM pg_type AS t
                    LEFT JOIN pg_class AS c ON c.oid = t.typrelid
                WHERE t.typnamespace = 'sluice'::regnamespace AND t.typtype IN ('c', 'd', 'e', 'r')
                    AND coalesce(c.relkind = 'c', true) AND t.typowner <> 'sluice_owner'::regrole
                UNION ALL
                SELECT format('ALTER ROUTINE %s OWNER TO sluice_owner', p.oid::regprocedure) FROM pg_proc AS p
                WHERE p.pronamespace = 'sluice'::regnamespace AND p.proowner <> 'sluice_owner'::regrole
            LOOP
                EXECUTE statement;
            END LOOP;
            IF to_regprocedure('sluice.grant_privileges()') IS NOT NULL THEN
                SET LOCAL ROLE sluice_owner;
                PERFORM sluice.grant_privileges();
                RESET ROLE;
            END IF;
        END
        $sluice$;
        """

    /// A name in a comment must not end it.
    private static func comment(_ name: String) -> String { String(name.filter { !$0.isNewline }) }
}
