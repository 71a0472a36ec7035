-- Partitions by day or by month, known by their bounds and not by their names; and retention: what is older than wanted
-- leaves the ledger, one partition after the other.
-- Locks: none that anybody waits for; functions are replaced, what is new is new. What retention itself locks, and for how
-- long, is said at sluice.finish_retirement.

-- Partitions as the catalogue has them, of one table of the ledger or of all. The catalogue writes a bound in the session's
-- own style, hence the settings.
CREATE FUNCTION sluice.partition_bounds(wanted_parent text DEFAULT NULL) RETURNS TABLE (
    parent text, partition text, starts_at timestamptz, ends_at timestamptz, is_leaving boolean
)
LANGUAGE sql STABLE ROWS 400
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET standard_conforming_strings = on
AS $$
SELECT p.relname::text, c.relname::text, b.bounds[1]::timestamptz, b.bounds[2]::timestamptz,
    -- PostgreSQL 13 has no such column.
    coalesce((to_jsonb(i) ->> 'inhdetachpending')::boolean, false)
FROM pg_partitioned_table AS t
JOIN pg_class AS p ON p.oid = t.partrelid
JOIN pg_inherits AS i ON i.inhparent = p.oid
JOIN pg_class AS c ON c.oid = i.inhrelid
CROSS JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid),
    '^FOR VALUES FROM \(''([^'']+)''\) TO \(''([^'']+)''\)$') AS b(bounds)
WHERE p.relnamespace = 'sluice'::regnamespace AND (wanted_parent IS NULL OR p.relname = wanted_parent)
$$;

COMMENT ON FUNCTION sluice.partition_bounds(text) IS 'The partitions of the ledger''s tables, or of one of them, with what they hold, from starts_at up to but without ends_at. is_leaving: its detachment is under way.';

-- The name itself, or the first that is free after it: a table that is no partition any more may have it.
CREATE FUNCTION sluice.free_name(name text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    free text := name;
    nr integer := 1;
BEGIN
    WHILE to_regclass('sluice.' || quote_ident(free)) IS NOT NULL LOOP
        nr := nr + 1;
        free := name || '_' || nr;
    END LOOP;
    RETURN free;
END
$$;

-- The partition that holds a day and has neither the day's name nor the month's; else the name for one to be made.
CREATE FUNCTION sluice.partition_of(day date, wanted_parent text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT coalesce(
    (SELECT b.partition FROM sluice.partition_bounds(wanted_parent) AS b
        WHERE b.starts_at <= day::timestamp AT TIME ZONE 'UTC' AND b.ends_at >= (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND NOT b.is_leaving),
    sluice.free_name(wanted_parent || '_' || to_char(day, 'YYYYMMDD')))
$$;

COMMENT ON FUNCTION sluice.partition_of(date, text) IS 'Used by sluice.partition_name, where the names say nothing.';

-- Every admission asks for today's: so a look at two names comes first. One expression, which callers take in.
CREATE OR REPLACE FUNCTION sluice.partition_name(day date, parent text DEFAULT 'calls') RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN pg_catalog.pg_partition_root(pg_catalog.to_regclass('sluice.' || parent || '_' || pg_catalog.to_char(day, 'YYYYMMDD')))
        IS NOT NULL THEN parent || '_' || pg_catalog.to_char(day, 'YYYYMMDD')
    WHEN pg_catalog.pg_partition_root(pg_catalog.to_regclass('sluice.' || parent || '_' || pg_catalog.to_char(day, 'YYYYMM')))
        IS NOT NULL THEN parent || '_' || pg_catalog.to_char(day, 'YYYYMM')
    ELSE sluice.partition_of(day, parent)
END
$$;

COMMENT ON FUNCTION sluice.partition_name(date, text) IS 'Name of the partition of a table of the ledger, sluice.calls unless told otherwise, that holds one UTC day; if there is none, the name that it would get.';

-- A table made on its own and then attached takes SHARE UPDATE EXCLUSIVE on the parent, which admissions do not wait
-- for; CREATE TABLE … PARTITION OF would take ACCESS EXCLUSIVE. Bounds are written in a style that every session reads alike.
CREATE FUNCTION sluice.make_partition(parent text, name text, first_day date, end_day date) RETURNS void
LANGUAGE plpgsql VOLATILE
SET timezone = 'UTC' SET datestyle = 'ISO, YMD'
AS $$
BEGIN
    EXECUTE format('CREATE TABLE sluice.%I (LIKE sluice.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)', name, parent);
    EXECUTE format(
        'ALTER TABLE sluice.%I ATTACH PARTITION sluice.%I FOR VALUES FROM (%L) TO (%L)',
        parent, name, first_day::timestamp AT TIME ZONE 'UTC', end_day::timestamp AT TIME ZONE 'UTC');
    -- Attaching brings the triggers for each row, but not the one for TRUNCATE.
    EXECUTE format(
        'CREATE TRIGGER %I BEFORE TRUNCATE ON sluice.%I FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change()',
        parent || '_no_truncate', name);
END
$$;

CREATE OR REPLACE FUNCTION sluice.ensure_partitions(first_day date, days integer DEFAULT 1) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing record;
    made date[] := '{}';
BEGIN
    IF first_day IS NULL OR days IS NULL OR days NOT BETWEEN 1 AND 1000
        OR first_day NOT BETWEEN '2000-01-01' AND '9000-01-01' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('cannot make %s partitions from %s on', days, first_day),
            HINT = 'Pass a date of the years 2000 to 9000, and 1 to 1000 days.';
    END IF;
    -- One maker at a time: two would create the same table. The lock's class is 'slpc' in ASCII.
    PERFORM pg_advisory_xact_lock(1936486499, 0);
    -- Every table of the ledger, also those that later migrations bring. What a month holds, or a partition that somebody
    -- made by hand, is not missing.
    FOR missing IN
        SELECT c.relname::text AS parent, first_day + n AS day
        FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
        CROSS JOIN generate_series(0, days - 1) AS n
        LEFT JOIN sluice.partition_bounds() AS b ON b.parent = c.relname
            AND b.starts_at <= (first_day + n)::timestamp AT TIME ZONE 'UTC'
            AND b.ends_at >= (first_day + n + 1)::timestamp AT TIME ZONE 'UTC'
        WHERE c.relnamespace = 'sluice'::regnamespace AND b.parent IS NULL
        ORDER BY n, c.relname
    LOOP
        PERFORM sluice.make_partition(
            missing.parent, sluice.free_name(missing.parent || '_' || to_char(missing.day, 'YYYYMMDD')), missing.day, missing.day + 1);
        made := made || missing.day;
    END LOOP;
    RETURN (SELECT count(DISTINCT d) FROM unnest(made) AS d);
END
$$;

CREATE FUNCTION sluice.ensure_ahead(unit text, ahead_days integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today CONSTANT date := sluice.clock() AT TIME ZONE 'UTC';
    first_month CONSTANT date := date_trunc('month', today::timestamp);
    month date;
    end_day date;
    made integer := 0;
BEGIN
    IF unit IS NULL OR unit NOT IN ('day', 'month') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('unit %s is not one of partitions', coalesce(quote_literal(unit), 'null')), HINT = 'Use day or month.';
    END IF;
    IF ahead_days IS NULL OR ahead_days NOT BETWEEN 1 AND 999 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('cannot make partitions %s days ahead', coalesce(ahead_days::text, 'null')), HINT = 'Use 1 to 999 days.';
    END IF;
    IF unit = 'day' THEN
        RETURN sluice.ensure_partitions(today, ahead_days + 1);
    END IF;
    PERFORM pg_advisory_xact_lock(1936486499, 0);
    FOR month IN
        SELECT m FROM generate_series(first_month::timestamp,
            greatest(first_month + interval '1 month', date_trunc('month', (today + ahead_days)::timestamp)), '1 month') AS m
    LOOP
        end_day := month + interval '1 month';
        IF EXISTS (
            SELECT FROM sluice.partition_bounds() AS b
            WHERE b.starts_at < end_day::timestamp AT TIME ZONE 'UTC' AND b.ends_at > month::timestamp AT TIME ZONE 'UTC'
        ) THEN
            -- A month that was begun by day goes on by day.
            made := made + sluice.ensure_partitions(greatest(month, today), end_day - greatest(month, today));
        ELSE
            PERFORM sluice.make_partition(c.relname, sluice.free_name(c.relname || '_' || to_char(month, 'YYYYMM')), month, end_day)
            FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
            WHERE c.relnamespace = 'sluice'::regnamespace ORDER BY c.relname;
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;

COMMENT ON FUNCTION sluice.ensure_ahead(text, integer) IS 'Makes the missing partitions from today to so many days ahead, by day or by month; by month, to the end of the next month at least. A month that has a partition already goes on by day. Returns how many days and months it made. Does not hold up admissions.';

-- The moments are written in a style that every session reads alike.
CREATE OR REPLACE FUNCTION sluice.cover_recent(longest interval DEFAULT '1 hour') RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms' SET timezone = 'UTC' SET datestyle = 'ISO, YMD'
AS $$
DECLARE
    wanted CONSTANT bigint := least(extract(epoch FROM longest) * 1000000, 7 * 86400000000);
    reach CONSTANT bigint := greatest(wanted, sluice.recent_reach());
    now CONSTANT timestamptz := sluice.clock();
    first_day CONSTANT date := (now - reach * interval '1 microsecond' - interval '1 hour') AT TIME ZONE 'UTC';
    last_day CONSTANT date := (now + interval '25 hours') AT TIME ZONE 'UTC';
    first_at timestamptz := first_day::timestamp AT TIME ZONE 'UTC';
    last_at timestamptz := (last_day + 1)::timestamp AT TIME ZONE 'UTC';
    definition text;
BEGIN
    IF (longest > interval '0') IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('longest %s is not the length of a window', coalesce(longest::text, 'null')),
            HINT = 'Pass an interval longer than zero.';
    END IF;
    FOR attempt IN 1 .. 2 LOOP
        -- Whole partitions, whatever they hold. What the view names cannot be dropped, so that it has no gaps.
        SELECT string_agg(format('SELECT * FROM sluice.%I', b.partition), ' UNION ALL ' ORDER BY b.starts_at),
            min(b.starts_at), max(b.ends_at)
        INTO definition, first_at, last_at
        FROM sluice.partition_bounds('calls') AS b
        WHERE b.starts_at < (last_day + 1)::timestamp AT TIME ZONE 'UTC' AND b.ends_at > first_day::timestamp AT TIME ZONE 'UTC';
        IF sluice.recent_from() = first_at AND sluice.recent_until() = last_at AND sluice.recent_reach() = reach THEN
            RETURN false;
        END IF;
        -- Serialises with other replicas, too: ensure_partitions locks.
        EXIT WHEN attempt = 2;
        PERFORM sluice.ensure_partitions(first_day, last_day - first_day + 1);
    END LOOP;
    EXECUTE 'CREATE OR REPLACE VIEW sluice.recent AS ' || definition;
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_from() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %L::timestamptz', first_at));
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_until() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %L::timestamptz', last_at));
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_reach() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %s::bigint', reach));
    RETURN true;
END
$$;

-- What has left the ledger, and what is about to.

CREATE TABLE sluice.retirements (
    retirement_id integer     NOT NULL GENERATED ALWAYS AS IDENTITY,
    parent        text        NOT NULL,
    partition     text        NOT NULL,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    action        text        NOT NULL,
    begun_at      timestamptz NOT NULL,
    begun_by      text        NOT NULL,
    kept_as       text,
    rows          bigint,
    finished_at   timestamptz,
    CONSTRAINT retirements_pkey PRIMARY KEY (retirement_id),
    CONSTRAINT retirements_action_known CHECK (action IN ('drop', 'detach', 'export')),
    CONSTRAINT retirements_range_not_empty CHECK (starts_at < ends_at)
);

CREATE UNIQUE INDEX retirements_unfinished ON sluice.retirements (partition) WHERE finished_at IS NULL;

COMMENT ON TABLE sluice.retirements IS 'Which partitions have left the ledger by retention, when, and at whose word.';
COMMENT ON COLUMN sluice.retirements.retirement_id IS 'In the order in which they were begun.';
COMMENT ON COLUMN sluice.retirements.parent IS 'The table of the ledger.';
COMMENT ON COLUMN sluice.retirements.partition IS 'The partition''s name while it was one.';
COMMENT ON COLUMN sluice.retirements.starts_at IS 'What it held begins here.';
COMMENT ON COLUMN sluice.retirements.ends_at IS 'What it held ends before this.';
COMMENT ON COLUMN sluice.retirements.action IS 'drop: its rows are gone. detach: they are in the table kept_as. export: that table is written to files and dropped then.';
COMMENT ON COLUMN sluice.retirements.begun_at IS 'By this database''s clock.';
COMMENT ON COLUMN sluice.retirements.begun_by IS 'The role that was logged in.';
COMMENT ON COLUMN sluice.retirements.kept_as IS 'The table that holds the rows since it is no partition any more; null before, and where it was dropped at once.';
COMMENT ON COLUMN sluice.retirements.rows IS 'How many rows it held: counted for an export, else as last estimated by ANALYZE; null where that never ran.';
COMMENT ON COLUMN sluice.retirements.finished_at IS 'Null as long as something is left to do.';

CREATE TRIGGER retirements_append_only BEFORE UPDATE ON sluice.retirements FOR EACH ROW
WHEN (OLD.finished_at IS NOT NULL OR (OLD.retirement_id, OLD.parent, OLD.partition, OLD.starts_at, OLD.ends_at, OLD.action,
    OLD.begun_at, OLD.begun_by) IS DISTINCT FROM (NEW.retirement_id, NEW.parent, NEW.partition, NEW.starts_at, NEW.ends_at,
    NEW.action, NEW.begun_at, NEW.begun_by))
EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER retirements_no_delete BEFORE DELETE ON sluice.retirements
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER retirements_no_truncate BEFORE TRUNCATE ON sluice.retirements
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE VIEW sluice.retired_partitions AS SELECT * FROM sluice.retirements;
COMMENT ON VIEW sluice.retired_partitions IS 'Which partitions have left the ledger by retention, when, and at whose word.';
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT a.attname, col_description(a.attrelid, a.attnum) AS words FROM pg_attribute AS a
        WHERE a.attrelid = 'sluice.retirements'::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN sluice.retired_partitions.%I IS %L', c.attname, c.words);
    END LOOP;
END
$$;

CREATE VIEW sluice.partitions AS
SELECT b.parent, b.partition, b.starts_at, b.ends_at, b.state,
    nullif(c.reltuples, -1)::bigint AS rows_estimated, pg_table_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes
FROM (
    SELECT p.parent, p.partition, p.starts_at, p.ends_at, CASE WHEN p.is_leaving THEN 'leaving' ELSE 'attached' END AS state
    FROM sluice.partition_bounds() AS p
    UNION ALL
    SELECT r.parent, r.kept_as, r.starts_at, r.ends_at, CASE WHEN r.finished_at IS NULL THEN 'exporting' ELSE 'detached' END
    FROM sluice.retirements AS r WHERE r.kept_as IS NOT NULL
    UNION ALL
    -- Detached already, and not renamed yet.
    SELECT r.parent, r.partition, r.starts_at, r.ends_at, 'leaving' FROM sluice.retirements AS r
    WHERE r.finished_at IS NULL AND r.kept_as IS NULL
        AND NOT EXISTS (SELECT FROM sluice.partition_bounds() AS p WHERE p.partition = r.partition)
) AS b
-- A detached table that somebody has dropped since is not there.
JOIN pg_class AS c ON c.relnamespace = 'sluice'::regnamespace AND c.relname = b.partition;

COMMENT ON VIEW sluice.partitions IS 'The ledger''s partitions, and the tables that were some once.';
COMMENT ON COLUMN sluice.partitions.parent IS 'The table of the ledger.';
COMMENT ON COLUMN sluice.partitions.partition IS 'The table that holds the rows.';
COMMENT ON COLUMN sluice.partitions.starts_at IS 'It holds rows from here on.';
COMMENT ON COLUMN sluice.partitions.ends_at IS 'It holds rows from before this.';
COMMENT ON COLUMN sluice.partitions.state IS 'attached: part of the ledger. leaving: its detachment is under way. detached: kept, no part of the ledger any more. exporting: the same, and dropped when it is written to files.';
COMMENT ON COLUMN sluice.partitions.rows_estimated IS 'As last estimated by ANALYZE; null where that never ran.';
COMMENT ON COLUMN sluice.partitions.table_bytes IS 'Bytes on disk, without indexes.';
COMMENT ON COLUMN sluice.partitions.index_bytes IS 'Bytes on disk of its indexes.';

-- Whether nothing else needs the rows of some days, from the first up to but without the second, where they are.
-- Later migrations that need them replace it.
CREATE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
LANGUAGE sql STABLE
AS 'SELECT true';

COMMENT ON FUNCTION sluice.may_retire(date, date) IS 'Whether retention may take the partitions of these days, from day_from up to but without day_until.';

CREATE FUNCTION sluice.list_partitions() RETURNS TABLE (
    parent text, partition text, starts_at timestamptz, ends_at timestamptz, state text, rows_estimated bigint,
    table_bytes bigint, index_bytes bigint, may_retire boolean
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT p.*, p.ends_at <= sluice.clock() - interval '31 days'
    AND sluice.may_retire((p.starts_at AT TIME ZONE 'UTC')::date, ((p.ends_at AT TIME ZONE 'UTC') + interval '23:59:59.999999')::date)
FROM sluice.partitions AS p ORDER BY p.starts_at, p.parent, p.partition
$$;

COMMENT ON FUNCTION sluice.list_partitions() IS 'sluice.partitions, and whether retention may take each: not before its days are sealed, where days are sealed.';

CREATE FUNCTION sluice.partition_summary() RETURNS TABLE (
    days_back integer, days_ahead integer, partitions integer, bytes bigint, unfinished integer
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today CONSTANT date := sluice.clock() AT TIME ZONE 'UTC';
    reach timestamptz;
    last_parent text;
    b record;
BEGIN
    SELECT greatest(today - (min(p.starts_at) AT TIME ZONE 'UTC')::date, 0), count(*), sum(p.table_bytes + p.index_bytes)
    INTO days_back, partitions, bytes FROM sluice.partitions AS p WHERE p.state = 'attached';
    SELECT count(*) INTO unfinished FROM sluice.retirements AS r WHERE r.finished_at IS NULL;
    days_ahead := 1000;
    -- Without a gap, in every table.
    FOR b IN
        SELECT c.relname AS parent, p.starts_at, p.ends_at
        FROM pg_partitioned_table AS t JOIN pg_class AS c ON c.oid = t.partrelid
        LEFT JOIN sluice.partition_bounds() AS p ON p.parent = c.relname AND NOT p.is_leaving
            AND p.ends_at > today::timestamp AT TIME ZONE 'UTC'
        WHERE c.relnamespace = 'sluice'::regnamespace ORDER BY c.relname, p.starts_at
    LOOP
        IF b.parent IS DISTINCT FROM last_parent THEN
            days_ahead := least(days_ahead, (reach AT TIME ZONE 'UTC')::date - 1 - today);
            last_parent := b.parent;
            reach := today::timestamp AT TIME ZONE 'UTC';
        END IF;
        IF b.starts_at <= reach THEN
            reach := greatest(reach, b.ends_at);
        END IF;
    END LOOP;
    days_ahead := least(days_ahead, (reach AT TIME ZONE 'UTC')::date - 1 - today);
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION sluice.partition_summary() IS 'How many days back and, without a gap, ahead of today the ledger has partitions (-1: none for today), how many there are, their bytes with indexes, and how many retirements are unfinished.';

-- Retention. 31 days is the floor whoever asks, so that not even a service in the wrong hands erases what was lately.

CREATE FUNCTION sluice.expired_partitions(keep_days integer, at_most integer DEFAULT 100) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
SELECT b.partition FROM sluice.partition_bounds() AS b
WHERE b.ends_at <= sluice.clock() - greatest(keep_days, 31) * interval '24 hours'
    AND sluice.may_retire((b.starts_at AT TIME ZONE 'UTC')::date, ((b.ends_at AT TIME ZONE 'UTC') + interval '23:59:59.999999')::date)
ORDER BY b.ends_at, b.parent LIMIT at_most
$$;

COMMENT ON FUNCTION sluice.expired_partitions(integer, integer) IS 'Partitions all of whose rows are older than so many days (31 at least), and that retention may take: the oldest first, all tables of one day together.';

-- Checks that a partition may go, and writes down that it is about to. Asked again for one that is about to, it answers as it did.
CREATE FUNCTION sluice.begin_retirement(name text, keep_days integer, action text) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    id integer;
    b record;
BEGIN
    IF (keep_days BETWEEN 31 AND 100000) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('keep_days %s is out of range', coalesce(keep_days::text, 'null')),
            HINT = 'Use 31 to 100000: rows of the last 31 days stay in any case.';
    END IF;
    IF action IS NULL OR action NOT IN ('drop', 'detach', 'export') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('action %s is none that retention takes', coalesce(quote_literal(action), 'null')),
            HINT = 'Use drop, detach or export.';
    END IF;
    -- One at a time: 'slpc' in ASCII, and another key than that of the makers.
    PERFORM pg_advisory_xact_lock(1936486499, 1);
    SELECT r.retirement_id INTO id FROM sluice.retirements AS r WHERE r.partition = name AND r.finished_at IS NULL;
    IF FOUND THEN
        RETURN id;
    END IF;
    SELECT p.*, nullif(c.reltuples, -1)::bigint AS row_estimate INTO b
    FROM sluice.partition_bounds() AS p
    JOIN pg_class AS c ON c.relnamespace = 'sluice'::regnamespace AND c.relname = p.partition
    WHERE p.partition = name;
    IF NOT FOUND THEN
        RAISE undefined_table USING
            MESSAGE = format('%s is no partition of the ledger', coalesce(quote_literal(name), 'null')),
            HINT = 'SELECT partition FROM sluice.partitions lists them.';
    END IF;
    IF (b.ends_at <= sluice.clock() - keep_days * interval '24 hours') IS NOT TRUE THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('%s holds rows that are not %s days old: up to %s', name, keep_days, b.ends_at AT TIME ZONE 'UTC'),
            HINT = 'A partition goes when all of its rows are older.';
    END IF;
    IF sluice.may_retire((b.starts_at AT TIME ZONE 'UTC')::date, ((b.ends_at AT TIME ZONE 'UTC') + interval '23:59:59.999999')::date) IS NOT TRUE THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('the days of %s are still needed where they are', name),
            HINT = 'A day goes when it is sealed and summed up: replicas do both by themselves.';
    END IF;
    INSERT INTO sluice.retirements (parent, partition, starts_at, ends_at, action, begun_at, begun_by, rows)
    VALUES (b.parent, name, b.starts_at, b.ends_at, action, sluice.clock(), session_user, b.row_estimate)
    RETURNING retirement_id INTO id;
    RETURN id;
END
$$;

COMMENT ON FUNCTION sluice.begin_retirement(text, integer, text) IS 'Checks that a partition may leave the ledger and writes down that it is about to; returns the number of that. For the owner, who detaches it then.';

-- Does what is left to do of a retirement.
--
-- A partition that is still attached is locked as its parent is, ACCESS EXCLUSIVE: admissions wait meanwhile. So the wait for the
-- parent ends after lock_timeout, which its callers set to 50 ms, and the partition itself is not waited for at all; what
-- remains is some milliseconds of work in the catalogue. Files are removed after the locks are gone. A detachment that was begun
-- with CONCURRENTLY needs no lock of the parent that admissions know.
CREATE FUNCTION sluice.finish_retirement(id integer) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    r sluice.retirements;
    b record;
    is_attached boolean;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(1936486499, 1);
    SELECT t.* INTO r FROM sluice.retirements AS t WHERE t.retirement_id = id AND t.finished_at IS NULL AND t.kept_as IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT p.* INTO b FROM sluice.partition_bounds(r.parent) AS p WHERE p.partition = r.partition;
    is_attached := FOUND;
    IF is_attached AND b.is_leaving THEN
        EXECUTE format('ALTER TABLE sluice.%I DETACH PARTITION sluice.%I FINALIZE', r.parent, r.partition);
        is_attached := false;
    END IF;
    IF is_attached THEN
        EXECUTE format('LOCK TABLE ONLY sluice.%I IN ACCESS EXCLUSIVE MODE', r.parent);
        EXECUTE format('LOCK TABLE sluice.%I IN ACCESS EXCLUSIVE MODE NOWAIT', r.partition);
        IF r.action <> 'drop' THEN
            EXECUTE format('ALTER TABLE sluice.%I DETACH PARTITION sluice.%I', r.parent, r.partition);
        END IF;
    END IF;
    IF r.action = 'drop' THEN
        EXECUTE format('DROP TABLE IF EXISTS sluice.%I', r.partition);
    ELSIF to_regclass('sluice.' || r.partition) IS NOT NULL THEN
        -- Its name is free for another partition, should rows of these days still come.
        name := sluice.free_name(r.partition || '_detached');
        EXECUTE format('ALTER TABLE sluice.%I RENAME TO %I', r.partition, name);
        -- Detaching has taken it away.
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON sluice.%I FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change()',
            r.parent || '_append_only', name);
        EXECUTE format('COMMENT ON TABLE sluice.%I IS %L', name,
            format('Was a partition of sluice.%s: rows from %s up to %s (UTC).', r.parent, r.starts_at AT TIME ZONE 'UTC', r.ends_at AT TIME ZONE 'UTC'));
    END IF;
    UPDATE sluice.retirements AS t SET kept_as = name,
        finished_at = CASE WHEN r.action = 'export' AND name IS NOT NULL THEN NULL ELSE sluice.clock() END
    WHERE t.retirement_id = id;
    RETURN coalesce(name, r.partition);
END
$$;

COMMENT ON FUNCTION sluice.finish_retirement(integer) IS 'Does what is left to do of a retirement; returns the table that it kept, or else dropped; null if nothing was left.';

CREATE FUNCTION sluice.retire_partition(name text, keep_days integer, action text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms'
AS $$
BEGIN
    RETURN sluice.finish_retirement(sluice.begin_retirement(name, keep_days, action));
END
$$;

COMMENT ON FUNCTION sluice.retire_partition(text, integer, text) IS 'Takes one partition out of the ledger whose rows are all older than keep_days (31 at least): drop, detach, or export (detached, to be written to files and dropped with sluice.drop_exported). Returns the table that was kept, or else dropped. Fails with lock_not_available rather than hold up admissions: ask again later.';

CREATE FUNCTION sluice.resume_retirement() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms'
AS $$
BEGIN
    RETURN sluice.finish_retirement((
        SELECT min(r.retirement_id) FROM sluice.retirements AS r WHERE r.finished_at IS NULL AND r.kept_as IS NULL));
END
$$;

COMMENT ON FUNCTION sluice.resume_retirement() IS 'Finishes the oldest retirement that somebody began and left; returns the table that was kept or dropped, null if there is none. Fails with lock_not_available rather than hold up admissions.';

CREATE FUNCTION sluice.pending_exports() RETURNS TABLE (retirement_id integer, parent text, partition text, kept_as text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT r.retirement_id, r.parent, r.partition, r.kept_as FROM sluice.retirements AS r
WHERE r.action = 'export' AND r.finished_at IS NULL AND r.kept_as IS NOT NULL ORDER BY r.retirement_id
$$;

COMMENT ON FUNCTION sluice.pending_exports() IS 'Tables that left the ledger and wait to be written to files.';

-- Only what is about to be dropped, so that the service cannot read the ledger with it.
CREATE FUNCTION sluice.read_export(name text, row_type anyelement) RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r record;
    columns text;
    key_columns text;
BEGIN
    SELECT t.* INTO r FROM sluice.retirements AS t
    WHERE t.kept_as = name AND t.action = 'export' AND t.finished_at IS NULL;
    IF NOT FOUND OR pg_typeof(row_type) <> to_regtype('sluice.' || quote_ident(r.parent)) THEN
        RAISE undefined_table USING
            MESSAGE = format('%s is no table of this type that waits to be written to files', coalesce(quote_literal(name), 'null')),
            HINT = 'SELECT * FROM sluice.pending_exports() lists them; pass NULL::sluice.calls for one of sluice.calls.';
    END IF;
    -- In the order of the ledger's table: a partition may have its columns in another one.
    SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) INTO columns FROM pg_attribute AS a
    WHERE a.attrelid = to_regclass('sluice.' || quote_ident(r.parent)) AND a.attnum > 0 AND NOT a.attisdropped;
    SELECT string_agg(format('%I', a.attname), ', ' ORDER BY k.nr) INTO key_columns FROM pg_index AS i
    CROSS JOIN unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, nr)
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = to_regclass('sluice.' || quote_ident(name)) AND i.indisprimary;
    RETURN QUERY EXECUTE format('SELECT %s FROM sluice.%I ORDER BY %s', columns, name, coalesce(key_columns, columns));
END
$$;

COMMENT ON FUNCTION sluice.read_export(text, anyelement) IS 'The rows of a table that waits to be written to files, in the order of its key, or of all columns where it has none: SELECT * FROM sluice.read_export(''calls_20250101_detached'', NULL::sluice.calls).';

CREATE FUNCTION sluice.drop_exported(name text, row_count bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms'
AS $$
DECLARE
    id integer;
    held bigint;
BEGIN
    SELECT r.retirement_id INTO id FROM sluice.retirements AS r
    WHERE r.kept_as = name AND r.action = 'export' AND r.finished_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE undefined_table USING
            MESSAGE = format('%s is no table that waits to be written to files', coalesce(quote_literal(name), 'null')),
            HINT = 'SELECT * FROM sluice.pending_exports() lists them.';
    END IF;
    EXECUTE format('LOCK TABLE sluice.%I IN ACCESS EXCLUSIVE MODE', name);
    EXECUTE format('SELECT count(*) FROM sluice.%I', name) INTO held;
    IF held IS DISTINCT FROM row_count THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('%s holds %s rows, not %s', name, held, coalesce(row_count::text, 'null')),
            HINT = 'Write it to files again, whole.';
    END IF;
    EXECUTE format('DROP TABLE sluice.%I', name);
    UPDATE sluice.retirements AS r SET rows = held, finished_at = sluice.clock() WHERE r.retirement_id = id;
END
$$;

COMMENT ON FUNCTION sluice.drop_exported(text, bigint) IS 'Drops a table that was written to files, if it holds as many rows as were written.';

SELECT sluice.grant_privileges();
