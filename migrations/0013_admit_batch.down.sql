-- Replicas ask admit_many and admit_user again, and admit_one looks at the whole of sluice.recent.
-- Locks: ACCESS EXCLUSIVE on the views that admissions of newer replicas read, for a moment.

DROP FUNCTION sluice.admit_batch(uuid[], uuid[], boolean[], bigint[], text[], text[], sluice.call_origin[], bigint[], bigint[], integer, text, boolean);

CREATE OR REPLACE FUNCTION sluice.admit_one(
    user_id uuid, call_id uuid, supplied boolean, weight bigint, route text, model text, origin sluice.call_origin,
    limits bigint[], lengths bigint[], policy_id integer, replica text
) RETURNS sluice.decision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_variable
DECLARE
    tick CONSTANT interval := '1 microsecond';
    quota CONSTANT bigint := limits[1];
    span interval;
    clock timestamptz;
    ahead timestamptz;
    after timestamptz;
    late_after timestamptz;
    at timestamptz;
    newest_at timestamptz;
    total bigint;
    since timestamptz;
    oldest_at timestamptz;
    base bigint;
    oldest_since timestamptz;
    used bigint := 0;
BEGIN
    -- What is rare or wrong is for admit_user, which looks closer and says what is wrong.
    IF (cardinality(limits) = 1 AND cardinality(lengths) = 1 AND array_lower(limits, 1) = 1 AND array_lower(lengths, 1) = 1
        AND user_id IS NOT NULL AND call_id IS NOT NULL AND policy_id IS NOT NULL AND NOT supplied
        AND weight BETWEEN 1 AND 1000000000 AND quota BETWEEN weight AND 1000000000000000
        AND lengths[1] BETWEEN 1 AND sluice.recent_reach()
        AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')) IS NOT TRUE
    THEN
        RETURN (sluice.admit_user(user_id, ARRAY[call_id], ARRAY[supplied], ARRAY[weight], ARRAY[route], ARRAY[model],
            ARRAY[origin], limits, lengths, policy_id, replica, false))[1];
    END IF;
    IF NOT pg_try_advisory_xact_lock(1936487795, sluice.lock_key(user_id)) THEN
        RETURN (1, call_id, 'busy', NULL, NULL, NULL, NULL)::sluice.decision;
    END IF;
    clock := sluice.clock();
    span := lengths[1] * tick;
    ahead := clock + interval '24 hours';
    after := clock - span;
    -- As in any_unchecked_recent: an hour at least.
    late_after := least(after, clock - interval '1 hour');
    -- Under the lock from here on, which admit_user takes once more and gets.
    IF ahead > sluice.recent_until() OR clock - sluice.recent_reach() * tick < sluice.recent_from() OR EXISTS (
        SELECT FROM sluice.recent AS l
        WHERE l.user_id = user_id AND l.admitted_at > late_after AND l.admitted_at < ahead AND l.running_total IS NULL)
    THEN
        RETURN (sluice.admit_user(user_id, ARRAY[call_id], ARRAY[supplied], ARRAY[weight], ARRAY[route], ARRAY[model],
            ARRAY[origin], limits, lengths, policy_id, replica, false))[1];
    END IF;
    SELECT l.admitted_at, l.running_total, l.total_since INTO newest_at, total, since FROM sluice.recent AS l
    WHERE l.user_id = user_id AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NOT NULL
    ORDER BY l.admitted_at DESC LIMIT 1;
    at := greatest(clock, newest_at + tick);
    IF total IS NOT NULL THEN
        after := at - span;
        SELECT l.admitted_at, l.running_total - l.weight, l.total_since INTO oldest_at, base, oldest_since FROM sluice.recent AS l
        WHERE l.user_id = user_id AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NOT NULL
        ORDER BY l.admitted_at LIMIT 1;
        used := coalesce(total - base, 0);
    END IF;
    IF oldest_since <> since OR used + weight > quota THEN
        RETURN (sluice.admit_user(user_id, ARRAY[call_id], ARRAY[supplied], ARRAY[weight], ARRAY[route], ARRAY[model],
            ARRAY[origin], limits, lengths, policy_id, replica, false))[1];
    END IF;
    INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
        id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
    VALUES (user_id, at, call_id, weight, coalesce(total, 0) + weight, coalesce(since, at), policy_id, 'enforced',
        false, route, model, replica, (origin).key_id, (origin).logical_id, (origin).attempt, (origin).reserved_input,
        (origin).reserved_output, (origin).reserved_cost);
    RETURN (1, call_id, 'admitted', at, NULL, ARRAY[used + weight], ARRAY[span + coalesce(oldest_at, at)])::sluice.decision;
END
$$;

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

COMMENT ON FUNCTION sluice.cover_recent(interval) IS 'Moves sluice.recent on to the partitions around now, wide enough for windows up to this long (7 days at most); true if it moved. Run by maintenance; decisions are right without it, only slower. Fails with lock_not_available rather than hold up admissions.';

DROP FUNCTION sluice.is_near(timestamptz, uuid[], bigint[]);
DROP VIEW sluice.near, sluice.later, sluice.open_partition;
DROP FUNCTION sluice.open_from(), sluice.open_until();
DROP TYPE sluice.decisions;

CREATE OR REPLACE FUNCTION sluice.grant_privileges() RETURNS void
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

SELECT sluice.grant_privileges();
