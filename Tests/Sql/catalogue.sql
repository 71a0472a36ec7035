-- As superuser: who may do what, and how the ledger's tables are cut up, as the catalogue has it.

-- No role of the schema has a right that is not named here, on any table, view, sequence or column.
DO $$
DECLARE
    excess text;
BEGIN
    SELECT string_agg(format('%s on %s to %s', a.privilege_type, c.relname, a.grantee::regrole), ', ') INTO excess
    FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'sluice'::regnamespace AND a.grantee <> c.relowner
        AND NOT (a.grantee = 'sluice_audit'::regrole AND a.privilege_type = 'SELECT' AND c.relkind = 'v'
            AND NOT a.is_grantable);
    ASSERT excess IS NULL, excess;
    SELECT string_agg(format('%s.%s', c.relname, a.attname), ', ') INTO excess
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'sluice'::regnamespace AND a.attacl IS NOT NULL;
    ASSERT excess IS NULL, format('rights on columns: %s', excess);
    SELECT string_agg(d.defaclobjtype::text, ', ') INTO excess FROM pg_default_acl AS d
    WHERE d.defaclnamespace = 'sluice'::regnamespace;
    ASSERT excess IS NULL, 'rights on what is made later';
    -- They are members of nothing that has more.
    SELECT string_agg(m.roleid::regrole::text, ', ') INTO excess FROM pg_auth_members AS m
    WHERE m.member IN ('sluice_app'::regrole, 'sluice_audit'::regrole, 'sluice_owner'::regrole);
    ASSERT excess IS NULL, format('members of %s', excess);
    SELECT string_agg(r.rolname, ', ') INTO excess FROM pg_roles AS r
    WHERE r.rolname IN ('sluice_app', 'sluice_audit', 'sluice_owner')
        AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls OR r.rolcanlogin);
    ASSERT excess IS NULL, format('%s may too much', excess);
END
$$;

-- What others may execute runs with the owner's rights and a fixed search path, or looks at nothing but the catalogue.
DO $$
DECLARE
    loose text;
BEGIN
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO loose FROM pg_proc AS p
    WHERE p.pronamespace = 'sluice'::regnamespace
        AND (has_function_privilege('sluice_app', p.oid, 'EXECUTE') OR has_function_privilege('sluice_audit', p.oid, 'EXECUTE'))
        AND (p.prosecdef AND 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig)) IS NOT TRUE
        AND p.proname <> ALL (ARRAY['clock', 'lock_key', 'microseconds', 'new_call_id', 'partition_bounds', 'partition_name',
            'time_of']);
    ASSERT loose IS NULL, loose;
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO loose FROM pg_proc AS p
    WHERE p.pronamespace = 'sluice'::regnamespace AND p.proname IN ('clock', 'lock_key', 'microseconds', 'new_call_id', 'time_of')
        AND (p.prosecdef OR p.prosrc ~* '\m(from|join|into|update)\s+sluice\.|\mexecute\M');
    ASSERT loose IS NULL, format('%s is no longer harmless', loose);
    -- A caller's session cannot turn off what keeps decisions right, nor can a function leave settings behind.
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO loose FROM pg_proc AS p
    WHERE p.pronamespace = 'sluice'::regnamespace AND p.prosrc ~* 'set_config\s*\(';
    ASSERT loose IS NULL, format('%s sets what outlives it', loose);
END
$$;

-- The ledger's tables: by range of time, no default partition, no gap, each partition with all its parent's indexes.
SELECT sluice.ensure_partitions(current_date - 3, 7);

DO $$
DECLARE
    parent record;
    bad text;
BEGIN
    FOR parent IN
        SELECT t.partrelid, t.partstrat, t.partdefid, t.partrelid::regclass::text AS name FROM pg_partitioned_table AS t
        JOIN pg_class AS c ON c.oid = t.partrelid WHERE c.relnamespace = 'sluice'::regnamespace
    LOOP
        ASSERT parent.partstrat = 'r', format('%s is not cut by range', parent.name);
        ASSERT parent.partdefid = 0, format('%s has a default partition', parent.name);
        SELECT string_agg(p.name, ', ') INTO bad FROM (
            SELECT c.relname AS name, b.from_at, lag(b.until_at) OVER (ORDER BY b.from_at) AS before_until
            FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
            CROSS JOIN LATERAL (SELECT m[1]::timestamptz AS from_at, m[2]::timestamptz AS until_at
                FROM regexp_matches(pg_get_expr(c.relpartbound, c.oid), $re$FROM \('(.*?)'\) TO \('(.*?)'\)$re$) AS m) AS b
            WHERE i.inhparent = parent.partrelid
        ) AS p WHERE p.from_at <> p.before_until OR extract(hour FROM p.from_at AT TIME ZONE 'UTC') <> 0;
        ASSERT bad IS NULL, format('gaps before %s', bad);
        SELECT string_agg(i.inhrelid::regclass::text, ', ') INTO bad FROM pg_inherits AS i
        WHERE i.inhparent = parent.partrelid
            AND (SELECT count(*) FROM pg_index AS x WHERE x.indrelid = i.inhrelid AND x.indisvalid)
                <> (SELECT count(*) FROM pg_index AS x WHERE x.indrelid = parent.partrelid AND x.indisvalid);
        ASSERT bad IS NULL, format('indexes of %s', bad);
    END LOOP;
END
$$;
