-- Roles stay: other databases of the cluster may use them. What was granted on this schema is taken back.
-- Locks: none that anybody waits for.

DO $$
DECLARE
    role text;
    routine text;
BEGIN
    FOREACH role IN ARRAY ARRAY['sluice_app', 'sluice_audit'] LOOP
        CONTINUE WHEN to_regrole(role) IS NULL;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA sluice FROM %I', role);
        EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sluice FROM %I', role);
        EXECUTE format('REVOKE ALL ON SCHEMA sluice FROM %I', role);
    END LOOP;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sluice TO PUBLIC;
END
$$;

DROP FUNCTION sluice.schema_versions();
DROP FUNCTION sluice.grant_privileges();
