-- Daily partitions (UTC), made ahead by the maintenance of every replica and, should all of them have slept, by the
-- admission that misses one.
-- Locks: none that anybody waits for; everything here is new.

CREATE FUNCTION sluice.partition_name(day date, parent text DEFAULT 'calls') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT parent || '_' || pg_catalog.to_char(day, 'YYYYMMDD')$$;

COMMENT ON FUNCTION sluice.partition_name(date, text) IS 'Name of the partition of a table of the ledger, sluice.calls unless told otherwise, that holds one UTC day.';

-- A table made on its own and then attached takes SHARE UPDATE EXCLUSIVE on the parent, which admissions do not wait
-- for; CREATE TABLE … PARTITION OF would take ACCESS EXCLUSIVE.
CREATE FUNCTION sluice.ensure_partitions(first_day date, days integer DEFAULT 1) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date;
    parent text;
    name text;
    is_made boolean;
    made integer := 0;
BEGIN
    IF first_day IS NULL OR days IS NULL OR days NOT BETWEEN 1 AND 1000
        OR first_day NOT BETWEEN '2000-01-01' AND '9000-01-01' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('cannot make %s partitions from %s on', days, first_day),
            HINT = 'Pass a date of the years 2000 to 9000, and 1 to 1000 days.';
    END IF;
    -- One maker at a time: two would create the same table. The lock's class is 'slpc' in ASCII.
    PERFORM pg_advisory_xact_lock(1936486499, 0);
    FOR day IN SELECT first_day + n FROM generate_series(0, days - 1) AS n LOOP
        is_made := false;
        -- Every table of the ledger, also those that later migrations bring.
        FOR parent IN
            SELECT c.relname FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
            WHERE c.relnamespace = 'sluice'::regnamespace ORDER BY c.relname
        LOOP
            name := sluice.partition_name(day, parent);
            CONTINUE WHEN to_regclass('sluice.' || name) IS NOT NULL;
            EXECUTE format('CREATE TABLE sluice.%I (LIKE sluice.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)', name, parent);
            EXECUTE format(
                'ALTER TABLE sluice.%I ATTACH PARTITION sluice.%I FOR VALUES FROM (%L) TO (%L)',
                parent, name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            -- Attaching brings the triggers for each row, but not the one for TRUNCATE.
            EXECUTE format(
                'CREATE TRIGGER %I BEFORE TRUNCATE ON sluice.%I FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change()',
                parent || '_no_truncate', name);
            is_made := true;
        END LOOP;
        made := made + is_made::integer;
    END LOOP;
    RETURN made;
END
$$;

COMMENT ON FUNCTION sluice.ensure_partitions(date, integer) IS 'Makes the missing partitions of the ledger''s tables for some UTC days; returns for how many days it made any. Does not hold up admissions.';
