-- Who may do what: the service executes functions, auditors read views, nobody else does anything.
-- Locks: ACCESS SHARE on what is granted; nobody waits for it.

-- Run it at the end of every migration, and after a DBA has made the roles.
CREATE FUNCTION sluice.grant_privileges() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    has_app CONSTANT boolean := to_regrole('sluice_app') IS NOT NULL;
    has_audit CONSTANT boolean := to_regrole('sluice_audit') IS NOT NULL;
    -- Those that run with the owner's rights are what others are meant to call; these few look at nothing.
    harmless CONSTANT text[] := ARRAY['clock', 'lock_key', 'microseconds', 'new_call_id', 'partition_name', 'time_of'];
    -- With the owner's rights, but for the owner alone.
    reserved CONSTANT text[] := ARRAY['refuse_change'];
    -- What auditors' views ask, and what tells of the schema and of partitions; some come with later migrations.
    audited CONSTANT text[] := harmless
        || ARRAY['schema_versions', 'partition_bounds', 'partition_of', 'list_partitions', 'partition_summary'];
    routine record;
    name text;
BEGIN
    REVOKE ALL ON SCHEMA sluice FROM PUBLIC;
    FOR routine IN
        SELECT p.oid::regprocedure::text AS signature, p.proname, p.prosecdef, p.proacl
        FROM pg_proc AS p WHERE p.pronamespace = 'sluice'::regnamespace AND p.prokind = 'f'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', routine.signature);
        IF has_app AND (routine.prosecdef AND routine.proname <> ALL (reserved) OR routine.proname = ANY (harmless)) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sluice_app', routine.signature);
        END IF;
        IF has_audit AND routine.proname = ANY (audited) THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sluice_audit', routine.signature);
        END IF;
    END LOOP;
    IF has_app THEN
        GRANT USAGE ON SCHEMA sluice TO sluice_app;
    END IF;
    IF has_audit THEN
        GRANT USAGE ON SCHEMA sluice TO sluice_audit;
        FOR name IN
            SELECT c.relname FROM pg_class AS c
            WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'v' AND c.relname <> 'recent'
        LOOP
            EXECUTE format('GRANT SELECT ON sluice.%I TO sluice_audit', name);
        END LOOP;
    END IF;
END
$$;

COMMENT ON FUNCTION sluice.grant_privileges() IS 'Gives sluice_app and sluice_audit, where they exist, what they need, and everybody else nothing. May be repeated.';

CREATE FUNCTION sluice.schema_versions() RETURNS TABLE (version integer, name text, checksum text, applied_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS 'SELECT m.version, m.name, m.checksum, m.applied_at FROM sluice.migrations AS m ORDER BY m.version';

COMMENT ON FUNCTION sluice.schema_versions() IS 'The migrations that this database has taken, for roles that may not read the table.';

SELECT sluice.grant_privileges();
