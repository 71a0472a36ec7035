-- Functions go back to what they were, by names of days; what retention has taken stays away, detached tables stay where they
-- are, and the list of both goes.
-- Locks: none that anybody waits for; functions are replaced, what goes is maintenance's alone.

-- What these are is known from 0009 on only. Afterwards each partition is taken to be a day, so that an admission whose day lies in a
-- month would fail.
DO $$
DECLARE
    name text;
BEGIN
    SELECT b.partition INTO name FROM sluice.partition_bounds() AS b
    WHERE b.is_leaving OR b.partition <> b.parent || '_' || to_char(b.starts_at AT TIME ZONE 'UTC', 'YYYYMMDD')
        OR (b.ends_at - b.starts_at) <> interval '24 hours'
    ORDER BY b.starts_at LIMIT 1;
    IF FOUND THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('sluice.%s is no partition of one day, which older versions need all partitions to be', name),
            HINT = 'Finish detachments with SELECT sluice.resume_retirement(); months have to leave before: detach them, and copy their rows into partitions by day.';
    END IF;
END
$$;

DROP FUNCTION sluice.drop_exported(text, bigint);
DROP FUNCTION sluice.read_export(text, anyelement);
DROP FUNCTION sluice.pending_exports();
DROP FUNCTION sluice.resume_retirement();
DROP FUNCTION sluice.retire_partition(text, integer, text);
DROP FUNCTION sluice.finish_retirement(integer);
DROP FUNCTION sluice.begin_retirement(text, integer, text);
DROP FUNCTION sluice.expired_partitions(integer, integer);
DROP FUNCTION sluice.partition_summary();
DROP FUNCTION sluice.list_partitions();
DROP FUNCTION sluice.may_retire(date, date);
DROP VIEW sluice.partitions;
DROP VIEW sluice.retired_partitions;
DROP TABLE sluice.retirements;
DROP FUNCTION sluice.ensure_ahead(text, integer);

CREATE OR REPLACE FUNCTION sluice.partition_name(day date, parent text DEFAULT 'calls') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT parent || '_' || pg_catalog.to_char(day, 'YYYYMMDD')$$;

COMMENT ON FUNCTION sluice.partition_name(date, text) IS 'Name of the partition of a table of the ledger, sluice.calls unless told otherwise, that holds one UTC day.';

CREATE OR REPLACE FUNCTION sluice.ensure_partitions(first_day date, days integer DEFAULT 1) RETURNS integer
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

CREATE OR REPLACE FUNCTION sluice.cover_recent(longest interval DEFAULT '1 hour') RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms'
AS $$
DECLARE
    wanted CONSTANT bigint := least(extract(epoch FROM longest) * 1000000, 7 * 86400000000);
    reach CONSTANT bigint := greatest(wanted, sluice.recent_reach());
    now CONSTANT timestamptz := sluice.clock();
    first_day CONSTANT date := (now - reach * interval '1 microsecond' - interval '1 hour') AT TIME ZONE 'UTC';
    last_day CONSTANT date := (now + interval '25 hours') AT TIME ZONE 'UTC';
    first_at CONSTANT timestamptz := first_day::timestamp AT TIME ZONE 'UTC';
    last_at CONSTANT timestamptz := (last_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF (longest > interval '0') IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('longest %s is not the length of a window', coalesce(longest::text, 'null')),
            HINT = 'Pass an interval longer than zero.';
    END IF;
    IF sluice.recent_from() = first_at AND sluice.recent_until() = last_at AND sluice.recent_reach() = reach THEN
        RETURN false;
    END IF;
    -- Serialises with other replicas, too: ensure_partitions locks.
    PERFORM sluice.ensure_partitions(first_day, last_day - first_day + 1);
    EXECUTE (
        SELECT 'CREATE OR REPLACE VIEW sluice.recent AS ' || string_agg(
            format('SELECT * FROM sluice.%I', sluice.partition_name(first_day + n)), ' UNION ALL ' ORDER BY n)
        FROM generate_series(0, last_day - first_day) AS n);
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_from() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %L::timestamptz', first_at));
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_until() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %L::timestamptz', last_at));
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_reach() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %s::bigint', reach));
    RETURN true;
END
$$;

DROP FUNCTION sluice.make_partition(text, text, date, date);
DROP FUNCTION sluice.partition_of(date, text);
DROP FUNCTION sluice.free_name(text);
DROP FUNCTION sluice.partition_bounds(text);
