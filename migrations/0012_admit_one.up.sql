-- The most frequent question, one call of one user under one window, answered with half the work of admit_user: an idle
-- replica sends nothing else.
-- Locks: none that anybody waits for; everything here is new.

CREATE FUNCTION sluice.admit_one(
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

COMMENT ON FUNCTION sluice.admit_one(uuid, uuid, boolean, bigint, text, text, sluice.call_origin, bigint[], bigint[], integer, text) IS 'As admit_user with one call, without waiting: decides it and adds its row if it is admitted. lengths are microseconds. Commit before you let the call through.';

SELECT sluice.grant_privileges();
