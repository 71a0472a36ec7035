-- Recording: calls that were let through while the database could not decide get their rows.
-- Locks: none that anybody waits for; everything here is new.
--
-- How a call gets exactly one row, whatever is repeated and in whichever order things arrive:
--   * Everything about one user happens under that user's lock, as admission does.
--   * The row keeps the time that the caller's side wrote down, so the same record again meets its own key.
--   * A call about which a question went unanswered may have been admitted nonetheless: may_exist_since says from when on
--     to look for its id. A call whose id the caller chose is always looked for.
--   * A question that arrives after its call was recorded finds the unchecked row: see known_unchecked.

CREATE TYPE sluice.recording AS (
    "position" integer,
    outcome    text
);

COMMENT ON TYPE sluice.recording IS 'What became of one call. outcome: recorded; known (the ledger held it already); busy (another transaction holds the user''s lock: bring it again).';

CREATE FUNCTION sluice.record_unchecked(
    user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[],
    origins sluice.call_origin[], admitted_ats timestamptz[], may_exist_since timestamptz[], policy_ids integer[], replica text
) RETURNS SETOF sluice.recording
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    day CONSTANT interval := '24 hours';
    clock timestamptz;
    busy integer[];
    earliest timestamptz;
    missing date[];
BEGIN
    PERFORM sluice.check_calls(call_ids, supplied, weights, routes, models, origins);
    IF (cardinality(call_ids) = ALL (ARRAY[cardinality(user_ids), cardinality(admitted_ats),
            cardinality(may_exist_since), cardinality(policy_ids)])) IS NOT TRUE
        OR (1 = ALL (ARRAY[array_ndims(user_ids), array_ndims(admitted_ats), array_ndims(may_exist_since),
            array_ndims(policy_ids), array_lower(user_ids, 1), array_lower(admitted_ats, 1),
            array_lower(may_exist_since, 1), array_lower(policy_ids, 1)])) IS NOT TRUE
        OR array_position(user_ids, NULL) IS NOT NULL OR array_position(admitted_ats, NULL) IS NOT NULL
        OR array_position(policy_ids, NULL) IS NOT NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'the arrays do not describe calls that were let through',
            HINT = 'Pass one-dimensional arrays of equal length; only routes, models and may_exist_since hold nulls.';
    END IF;
    IF 0 = ANY (weights) THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'weights hold 0', HINT = 'A call that only looks has no row: leave it out.';
    END IF;
    PERFORM sluice.check_isolation();
    -- A day that the maintenance has not made, or that retention has dropped, is made here; but nobody fills the schema.
    clock := sluice.clock();
    SELECT array_agg(d.day) INTO missing FROM (
        SELECT DISTINCT (a AT TIME ZONE 'UTC')::date AS day FROM unnest(admitted_ats) AS a
        WHERE a BETWEEN '2000-01-01Z' AND clock
    ) AS d
    WHERE to_regclass('sluice.' || sluice.partition_name(d.day)) IS NULL;
    IF cardinality(missing) > 31 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('admitted_ats lie in %s days that have no partition', cardinality(missing)),
            HINT = 'Bring the calls of at most 31 such days at once, or make them with sluice.ensure_partitions.';
    END IF;
    PERFORM sluice.ensure_partitions(d) FROM unnest(missing) AS d;
    SELECT array_agg(k.key) INTO busy
    FROM (SELECT DISTINCT sluice.lock_key(u) AS key FROM unnest(user_ids) AS u) AS k
    WHERE NOT pg_try_advisory_xact_lock(1936487795, k.key);
    clock := sluice.clock();
    -- Nothing that is looked for is older than this, so that partitions before it are left alone.
    earliest := least((SELECT min(m) FROM unnest(may_exist_since) AS m),
        (SELECT min(a) FROM unnest(admitted_ats) AS a WHERE a >= '2000-01-01Z'), clock) - day;
    RETURN QUERY
    WITH call AS MATERIALIZED (
        -- A time ahead of the database's, or before its epoch, is that of a wrong clock: the call counts from now on.
        -- That time is another one with every attempt, so the id is looked for.
        SELECT c.user_id, c.call_id, c.supplied, c.weight, c.route, c.model, c.key_id, c.logical_id, c.attempt,
            c.reserved_input, c.reserved_output, c.reserved_cost, c.policy_id, c."position"::integer,
            CASE WHEN c.admitted_at BETWEEN '2000-01-01Z' AND clock THEN c.admitted_at ELSE clock END AS at,
            CASE WHEN c.admitted_at BETWEEN '2000-01-01Z' AND clock THEN c.since
                ELSE greatest(least(c.since, clock - day), '2000-01-01Z') END AS since,
            row_number() OVER (PARTITION BY c.user_id, c.call_id ORDER BY c.admitted_at, c."position") > 1 AS is_again
        FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins, admitted_ats, may_exist_since,
            policy_ids)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id, logical_id, attempt,
                reserved_input, reserved_output, reserved_cost, admitted_at, since, policy_id, "position")
        WHERE (sluice.lock_key(c.user_id) = ANY (busy)) IS NOT TRUE
    ),
    -- One look over the rows of a user, however many of his calls are looked for.
    looked_for AS MATERIALIZED (
        SELECT DISTINCT l.user_id, l.call_id
        FROM (SELECT c.user_id, min(c.since) AS since FROM call AS c GROUP BY c.user_id) AS u
        JOIN LATERAL (
            SELECT l.user_id, l.call_id FROM sluice.calls AS l
            WHERE l.user_id = u.user_id AND l.admitted_at >= u.since AND l.admitted_at > earliest
        ) AS l ON l.call_id = ANY (call_ids)
        WHERE u.since IS NOT NULL
    ),
    fresh AS (
        SELECT c.* FROM call AS c
        WHERE NOT c.is_again
            AND (c.since IS NULL OR NOT EXISTS (
                SELECT FROM looked_for AS k WHERE k.user_id = c.user_id AND k.call_id = c.call_id))
            AND (NOT c.supplied OR NOT EXISTS (
                SELECT FROM sluice.calls AS l
                WHERE l.user_id = c.user_id AND l.call_id = c.call_id AND l.id_supplied AND l.admitted_at > earliest))
    ),
    added AS (
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied, route, model,
            replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
        SELECT f.user_id, f.at, f.call_id, f.weight, f.policy_id, 'unchecked', f.supplied, f.route, f.model,
            record_unchecked.replica, f.key_id, f.logical_id, f.attempt, f.reserved_input, f.reserved_output,
            f.reserved_cost
        FROM fresh AS f
        ON CONFLICT (user_id, admitted_at, call_id) DO NOTHING
        RETURNING user_id, call_id
    )
    SELECT c."position", CASE WHEN a.call_id IS NOT NULL AND NOT c.is_again THEN 'recorded' ELSE 'known' END
    FROM call AS c LEFT JOIN added AS a ON a.user_id = c.user_id AND a.call_id = c.call_id
    UNION ALL
    SELECT c."position"::integer, 'busy' FROM unnest(user_ids) WITH ORDINALITY AS c(user_id, "position")
    WHERE sluice.lock_key(c.user_id) = ANY (busy);
END
$$;

COMMENT ON FUNCTION sluice.record_unchecked(uuid[], uuid[], boolean[], bigint[], text[], text[], sluice.call_origin[], timestamptz[], timestamptz[], integer[], text) IS 'Adds the rows of calls that were let through without the ledger''s word, each exactly once. Waits for no lock. Rows come in any order; position is the call''s place in the arrays, from 1.';

-- Whether a row could be added now: adds one and takes it back. A standby, a full disk, a missing partition or a dropped
-- table fail here in their own words.
CREATE FUNCTION sluice.check_ledger() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
AS $$
DECLARE
    clock CONSTANT timestamptz := sluice.clock();
BEGIN
    PERFORM sluice.check_isolation();
    PERFORM sluice.ensure_today(clock);
    BEGIN
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied)
        VALUES ('00000000-0000-0000-0000-000000000000', clock, sluice.new_call_id(), 1, 1, 'unchecked', false);
        RAISE SQLSTATE 'SL001';
    EXCEPTION WHEN SQLSTATE 'SL001' THEN
        NULL;
    END;
END
$$;

COMMENT ON FUNCTION sluice.check_ledger() IS 'Fails where an admission would fail; leaves no row.';
