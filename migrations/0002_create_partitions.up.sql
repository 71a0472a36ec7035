-- Daily partitions (UTC), made ahead by the maintenance of every replica and, should all of them have slept, by the
-- admission that misses one.
-- Locks: none that anybody waits for; everything here is new.

CREATE FUNCTION sluice.partition_name(day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT 'calls_' || pg_catalog.to_char(day, 'YYYYMMDD')$$;

COMMENT ON FUNCTION sluice.partition_name(date) IS 'Name of the partition of sluice.calls that holds one UTC day.';

-- A table made on its own and then attached takes SHARE UPDATE EXCLUSIVE on the parent, which admissions do not wait
-- for; CREATE TABLE … PARTITION OF would take ACCESS EXCLUSIVE.
CREATE FUNCTION sluice.ensure_partitions(first_day date, days integer DEFAULT 1) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    day date;
    name text;
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
        name := sluice.partition_name(day);
        CONTINUE WHEN to_regclass('sluice.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE sluice.%I (LIKE sluice.calls INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)', name);
        EXECUTE format(
            'ALTER TABLE sluice.calls ATTACH PARTITION sluice.%I FOR VALUES FROM (%L) TO (%L)',
            name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
        -- Attaching brings the triggers for each row, but not the one for TRUNCATE.
        EXECUTE format(
            'CREATE TRIGGER calls_no_truncate BEFORE TRUNCATE ON sluice.%I FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change()',
            name);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

COMMENT ON FUNCTION sluice.ensure_partitions(date, integer) IS 'Makes the missing partitions of sluice.calls for some UTC days; returns how many it made. Does not hold up admissions.';
