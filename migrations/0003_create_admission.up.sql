-- Admission: the rule in SQL. docs/sql-api.md documents what applications may call.
-- Locks: none that anybody waits for; everything here is new.
--
-- How a decision stays exact and cheap:
--   * All decisions on one user happen under that user's advisory lock, which ends with the transaction.
--   * The clock is read after the lock is held and never runs backwards for a user.
--   * Each row carries a running total, so the weight in a window is a difference of two rows, found by two probes of
--     the primary key, whatever the quota.
--   * Rows that were let through in an outage came late and carry no running total. They are summed by themselves, over
--     a partial index that is normally empty, and added to the difference.
--   * sluice.recent is a view of the few partitions around now. Statements over it keep a cached plan, which statements
--     over sluice.calls cannot: a cached plan locks every partition, a fresh one costs more than the decision. Where
--     the view does not reach (longer windows, maintenance asleep) the same statement runs over sluice.calls.

CREATE TYPE sluice.decision AS (
    "position"  integer,
    call_id     uuid,
    outcome     text,
    decided_at  timestamptz,
    retry_at    timestamptz,
    used        bigint[],
    reset_at    timestamptz[]
);

COMMENT ON TYPE sluice.decision IS 'The answer to one call. outcome: admitted; replayed (the ledger already held this call id; used is null if it was let through unchecked); refused (retry_at says until when); never_fits; busy (another transaction holds the user''s lock: nothing was decided); undecided (by admit_many only: nothing was decided, ask admit_user). used and reset_at have one element per window, after the call; used may be an understatement where unchecked calls take more than 1,000 beyond the limit.';

-- What one user's windows hold at one moment. All arrays have one element per window.
CREATE TYPE sluice.window_state AS (
    -- max(the clock, newest enforced row + 1 µs)
    at           timestamptz,
    -- the newest enforced row within the longest window; null if there is none
    newest_at    timestamptz,
    total        bigint,
    total_since  timestamptz,
    used         bigint[],
    oldest_at    timestamptz[],
    -- running total before the oldest row; null where a sum of rows went into used
    base         bigint[],
    -- whether unchecked rows of the user are within reach: a call may be among them
    has_unchecked boolean
);

-- The low 32 bits of the user's id. Two users who share them merely wait for each other.
CREATE FUNCTION sluice.lock_key(user_id uuid) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT ('x' || pg_catalog.right(user_id::text, 8))::bit(32)::integer$$;

COMMENT ON FUNCTION sluice.lock_key(uuid) IS 'Second key of a user''s advisory lock; the first is 1936487795 (''slus'' in ASCII), as pg_locks.classid shows it.';

-- RFC 9562 section 5.7, for callers that bring no id of their own.
CREATE FUNCTION sluice.new_call_id() RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
SELECT pg_catalog.encode(
    pg_catalog.set_bit(pg_catalog.set_bit(
        pg_catalog.overlay(
            pg_catalog.uuid_send(pg_catalog.gen_random_uuid()),
            pg_catalog.substr(pg_catalog.int8send(
                pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint), 3),
            1, 6),
        52, 1), 53, 1),
    'hex')::uuid
$$;

COMMENT ON FUNCTION sluice.new_call_id() IS 'A UUID version 7 of this moment.';

-- The view and what it covers, replaced together by sluice.cover_recent.
CREATE VIEW sluice.recent AS SELECT * FROM sluice.calls WHERE false;
COMMENT ON VIEW sluice.recent IS 'The partitions around now, over which admission keeps cached plans. Use sluice.calls in reports.';

CREATE FUNCTION sluice.recent_from() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT 'infinity'::timestamptz$$;
CREATE FUNCTION sluice.recent_until() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT '-infinity'::timestamptz$$;
CREATE FUNCTION sluice.recent_reach() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT 0::bigint$$;
COMMENT ON FUNCTION sluice.recent_from() IS 'Start of what sluice.recent covers.';
COMMENT ON FUNCTION sluice.recent_until() IS 'End of what sluice.recent covers.';
COMMENT ON FUNCTION sluice.recent_reach() IS 'Longest window, in microseconds, that sluice.recent serves.';

-- A decision looks at what is covered first and reads the view after, so what leaves the view in between must be out of
-- its reach: a day leaves one hour after the longest window that the view serves has left it. The reach only grows;
-- replicas with other windows do not undo each other's work.
CREATE FUNCTION sluice.cover_recent(longest interval DEFAULT '1 hour') RETURNS boolean
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

COMMENT ON FUNCTION sluice.cover_recent(interval) IS 'Moves sluice.recent on to the partitions around now, wide enough for windows up to this long (7 days at most); true if it moved. Run by maintenance; decisions are right without it, only slower. Fails with lock_not_available rather than hold up admissions.';

-- When a user's running total reaches `threshold`: the first enforced row after `after`, up to `until`, whose total is
-- at least that. Walks a little, then halves the time span, so a window of a million rows costs some dozens of probes.
CREATE FUNCTION sluice.total_reached_at(
    wanted_user uuid, after timestamptz, until timestamptz, threshold bigint
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    low timestamptz := after;
    high timestamptz := until;
    middle timestamptz;
    here timestamptz;
    total bigint;
    weight bigint;
BEGIN
    SELECT s.admitted_at INTO here FROM (
        SELECT c.admitted_at, c.running_total FROM sluice.calls AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > low AND c.admitted_at <= high
            AND c.running_total IS NOT NULL
        ORDER BY c.admitted_at LIMIT 200
    ) AS s WHERE s.running_total >= threshold ORDER BY s.admitted_at LIMIT 1;
    IF here IS NOT NULL THEN
        RETURN here;
    END IF;
    -- The answer lies in (low, high]: the row at `until` has reached the threshold.
    WHILE low < high LOOP
        middle := low + (high - low) / 2;
        IF middle >= high THEN
            middle := low;
        END IF;
        SELECT c.admitted_at, c.running_total, c.weight INTO here, total, weight FROM sluice.calls AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > middle AND c.admitted_at <= high
            AND c.running_total IS NOT NULL
        ORDER BY c.admitted_at LIMIT 1;
        IF here IS NULL OR total - weight >= threshold THEN
            high := middle;
        ELSIF total < threshold THEN
            low := here;
        ELSE
            RETURN here;
        END IF;
    END LOOP;
    RETURN until;
END
$$;

-- When `need` of the weight after `after` has left, so that of the rows before `until` no more than `allowed` stays. By
-- summing row by row, for windows with unchecked rows or in which a running total began anew: from the oldest row on
-- where little must leave, else from the newest one back, so that it is never a matter of all that came in an outage. A
-- need above 1,000 may be an understatement, see window_state.
CREATE FUNCTION sluice.weight_left_at(
    wanted_user uuid, after timestamptz, until timestamptz, need bigint, allowed bigint
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    IF need <= 1000 THEN
        RETURN (
            SELECT s.admitted_at FROM (
                SELECT c.admitted_at, sum(c.weight) OVER (ORDER BY c.admitted_at, c.call_id) AS left_by_then
                FROM sluice.calls AS c
                WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < until
            ) AS s WHERE s.left_by_then >= need ORDER BY s.admitted_at LIMIT 1);
    END IF;
    RETURN (
        SELECT s.admitted_at FROM (
            SELECT c.admitted_at, sum(c.weight) OVER (ORDER BY c.admitted_at DESC, c.call_id DESC) AS stays
            FROM sluice.calls AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < until
        ) AS s WHERE s.stays > allowed ORDER BY s.admitted_at DESC LIMIT 1);
END
$$;

-- Statements that read the ledger on the hot path exist twice, from one text: over sluice.recent with cached plans
-- (…_recent), and over sluice.calls, planned anew each time so that partitions out of reach are not even locked
-- (…_anywhere). Rows are looked for up to 24 hours ahead, for a clock that was set back.
--
-- Unchecked rows are looked for over the last hour at least, whatever the windows: a statement that was sent before an
-- outage may arrive when its call was recorded as unchecked already, and must find that row.
DO $install$
DECLARE
    any_unchecked_template CONSTANT text := $template$
CREATE FUNCTION sluice.any_unchecked_@suffix(clock timestamptz, user_ids uuid[], lengths bigint[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE
@modeAS $function$
DECLARE
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    after timestamptz;
BEGIN
    after := clock - greatest((SELECT max(l) FROM unnest(lengths) AS l), 3600000000) * interval '1 microsecond';
    -- Normally there are none at all, which one probe tells.
    IF NOT EXISTS (
        SELECT FROM @ledger AS l
        WHERE l.admitted_at > after AND l.admitted_at < ahead AND l.mode = 'unchecked')
    THEN
        RETURN false;
    END IF;
    -- LIMIT keeps it one probe a user: as a join it would read all unchecked rows there are.
    RETURN EXISTS (
        SELECT FROM unnest(user_ids) AS u(user_id) CROSS JOIN LATERAL (
            SELECT FROM @ledger AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NULL
            LIMIT 1) AS l);
END
$function$
$template$;
    window_state_template CONSTANT text := $template$
CREATE FUNCTION sluice.window_state_@suffix(
    wanted_user uuid, clock timestamptz, limits bigint[], lengths bigint[]
) RETURNS sluice.window_state
LANGUAGE plpgsql VOLATILE
@modeAS $function$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    state sluice.window_state;
    after timestamptz;
    oldest_at timestamptz;
    oldest_since timestamptz;
    unchecked_at timestamptz;
    unchecked bigint;
    base bigint;
    used bigint;
    -- Rows that are looked at from either end. So many unchecked ones in a row fill every window that holds them, and a
    -- window that does not hold them holds nothing beyond them: no decision needs more. Nor may one need more, or every
    -- call that came in an outage would make it slower.
    reach bigint;
BEGIN
    SELECT clock - max(w.length) * tick, max(w.quota) + 1001 INTO after, reach
    FROM unnest(limits, lengths) AS w(quota, length);
    SELECT c.admitted_at, c.running_total, c.total_since INTO state.newest_at, state.total, state.total_since
    FROM (
        SELECT c.admitted_at, c.running_total, c.total_since FROM @ledger AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
        ORDER BY c.admitted_at DESC LIMIT reach
    ) AS c
    WHERE c.running_total IS NOT NULL ORDER BY c.admitted_at DESC LIMIT 1;
    state.at := greatest(clock, state.newest_at + tick);
    after := least(after, clock - interval '1 hour');
    state.has_unchecked := EXISTS (
        SELECT FROM @ledger AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead AND c.running_total IS NULL);
    FOR nr IN 1 .. cardinality(lengths) LOOP
        after := state.at - lengths[nr] * tick;
        base := NULL;
        oldest_at := NULL;
        oldest_since := NULL;
        unchecked_at := NULL;
        IF state.total IS NOT NULL THEN
            SELECT c.admitted_at, c.running_total - c.weight, c.total_since INTO oldest_at, base, oldest_since
            FROM (
                SELECT c.admitted_at, c.running_total, c.weight, c.total_since FROM @ledger AS c
                WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                ORDER BY c.admitted_at LIMIT reach
            ) AS c
            WHERE c.running_total IS NOT NULL ORDER BY c.admitted_at LIMIT 1;
        END IF;
        IF oldest_since <> state.total_since THEN
            SELECT min(c.admitted_at), coalesce(sum(c.weight), 0) INTO oldest_at, used FROM @ledger AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead;
            base := NULL;
        ELSE
            used := coalesce(state.total - base, 0);
            IF state.has_unchecked THEN
                -- Far above the limit it does not matter by how much.
                SELECT sum(n.weight) INTO unchecked FROM (
                    SELECT c.weight FROM @ledger AS c
                    WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                        AND c.running_total IS NULL
                    ORDER BY c.admitted_at DESC LIMIT reach
                ) AS n;
                IF unchecked IS NOT NULL THEN
                    SELECT c.admitted_at INTO unchecked_at FROM @ledger AS c
                    WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                        AND c.running_total IS NULL
                    ORDER BY c.admitted_at LIMIT 1;
                    used := used + unchecked;
                    oldest_at := least(oldest_at, unchecked_at);
                    base := NULL;
                END IF;
            END IF;
        END IF;
        state.used[nr] := used;
        state.oldest_at[nr] := oldest_at;
        state.base[nr] := base;
    END LOOP;
    RETURN state;
END
$function$
$template$;
    -- Twice again: without and with what only unchecked rows need, which stands between @mixed{ and }@,
    -- and what it replaces, between @plain{ and }@.
    decide_template CONSTANT text := $template$
CREATE FUNCTION sluice.decide_@mark@suffix(
    clock timestamptz, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[],
    models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text
) RETURNS SETOF sluice.decision
LANGUAGE plpgsql VOLATILE
@modeAS $function$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    tightest bigint;
    after timestamptz;@mixed{
    -- See above: an hour at least.
    late_after timestamptz;
    -- As in window_state.
    reach bigint;}@
BEGIN
    SELECT min(l) INTO tightest FROM unnest(limits) AS l;
    SELECT clock - max(l) * tick INTO after FROM unnest(lengths) AS l;@mixed{
    late_after := least(after, clock - interval '1 hour');
    SELECT max(l) + 1001 INTO reach FROM unnest(limits) AS l;}@
    RETURN QUERY
    -- 1. The calls.
    WITH call AS MATERIALIZED (
        SELECT c.* FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
    ),
@mixed{    -- Calls that were recorded as unchecked before their question came here.
    late AS MATERIALIZED (
        SELECT c.user_id FROM call AS c CROSS JOIN LATERAL (
            SELECT FROM @ledger AS l
            WHERE l.user_id = c.user_id AND l.call_id = c.call_id AND l.total_since IS NULL
                AND l.admitted_at > late_after AND l.admitted_at < ahead
            LIMIT 1) AS l
    ),
}@    -- 2. One row a user: the newest enforced row, and so the moment of the decision.
    newest AS MATERIALIZED (
        SELECT u.user_id, n.admitted_at AS newest_at, n.running_total AS total, n.total_since,
            greatest(clock, n.admitted_at + tick) AS at@mixed{,
            -- A row ahead of its user's time, or a call that is here already: admit_user looks closer.
            x.is_ahead IS NOT NULL OR u.user_id = ANY (ARRAY(SELECT l.user_id FROM late AS l)) AS is_close}@
        FROM (SELECT DISTINCT c.user_id FROM call AS c) AS u
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total, l.total_since FROM @mixed{(
                SELECT l.admitted_at, l.running_total, l.total_since FROM }@@ledger AS l
            WHERE @mixed{l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                ORDER BY l.admitted_at DESC LIMIT reach) AS l WHERE }@@plain{l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND }@l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true@mixed{
        LEFT JOIN LATERAL (
            SELECT true AS is_ahead FROM @ledger AS l
            WHERE l.user_id = u.user_id AND l.admitted_at >= greatest(clock, n.admitted_at + tick)
                AND l.admitted_at < ahead AND l.running_total IS NULL
            LIMIT 1
        ) AS x ON true}@
    ),
    -- 3. One row a user and window: the oldest row in it, and so the weight in it.
    window_of AS MATERIALIZED (
        SELECT n.user_id, w.nr, w.quota, w.length, coalesce(n.total - o.base, 0)@mixed{ + coalesce(x.weight, 0)}@ AS used,
            @mixed{least(y.oldest_at, }@o.admitted_at@mixed{)}@ AS oldest_at,
            @mixed{CASE WHEN x.weight IS NULL THEN }@o.base@mixed{ END}@ AS base, o.total_since <> n.total_since AS is_broken
        FROM newest AS n
        CROSS JOIN unnest(limits, lengths) WITH ORDINALITY AS w(quota, length, nr)
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM @mixed{(
                SELECT l.admitted_at, l.running_total, l.weight, l.total_since FROM }@@ledger AS l
            WHERE n.total IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead@mixed{
                ORDER BY l.admitted_at LIMIT reach) AS l WHERE}@@plain{ AND}@ l.running_total IS NOT NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS o ON true@mixed{
        LEFT JOIN LATERAL (
            -- Not more than matters, as in window_state.
            SELECT sum(s.weight)::bigint AS weight FROM (
                SELECT l.weight FROM @ledger AS l
                WHERE l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                    AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NULL
                ORDER BY l.admitted_at DESC LIMIT reach
            ) AS s
        ) AS x ON true
        LEFT JOIN LATERAL (
            SELECT l.admitted_at AS oldest_at FROM @ledger AS l
            WHERE x.weight IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS y ON true}@
    ),
    -- 4. One row a user again: what all windows together leave room for.
    state AS MATERIALIZED (
        SELECT n.user_id, n.at, n.newest_at, n.total, n.total_since, w.used, w.oldest_at, w.room,
            w.is_broken@mixed{ OR n.is_close}@ AS is_odd
        FROM newest AS n JOIN (
            SELECT w.user_id, array_agg(w.used ORDER BY w.nr) AS used, array_agg(w.oldest_at ORDER BY w.nr) AS oldest_at,
                min(w.quota - w.used) AS room, coalesce(bool_or(w.is_broken), false) AS is_broken
            FROM window_of AS w GROUP BY w.user_id
        ) AS w USING (user_id)
    ),
    -- 5. Serial by weight, then by position: the calls that fit are then those up to the room. A call of weight 0 only
    --    looks, after the others.
    turn AS MATERIALIZED (
        SELECT c.*, s.at, s.newest_at, s.total, s.total_since, s.used, s.oldest_at, s.room,
            sum(c.weight) OVER by_weight::bigint AS counted,
            count(*) FILTER (WHERE c.weight > 0) OVER by_weight AS nr,
            c.weight > 0 AND c.weight <= tightest AND sum(c.weight) OVER by_weight <= s.room AS fits
        FROM call AS c JOIN state AS s USING (user_id)
        WHERE NOT s.is_odd
        WINDOW by_weight AS (
            PARTITION BY c.user_id ORDER BY c.weight, c."position" ROWS UNBOUNDED PRECEDING)
    ),
    admitted AS (
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
            id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output,
            reserved_cost)
        SELECT t.user_id, t.at + (t.nr - 1) * tick, t.call_id, t.weight, coalesce(t.total, 0) + t.counted,
            coalesce(t.total_since, t.at), decide_@mark@suffix.policy_id, 'enforced', t.supplied, t.route, t.model,
            decide_@mark@suffix.replica, t.key_id, t.logical_id, t.attempt, t.reserved_input, t.reserved_output,
            t.reserved_cost
        FROM turn AS t WHERE t.fits
    ),
    -- 6. Users who were not let through with everything: what this batch took, and when there is room again.
    taken AS MATERIALIZED (
        SELECT t.user_id, coalesce(max(t.counted) FILTER (WHERE t.fits), 0) AS weight,
            t.at + greatest(count(*) FILTER (WHERE t.fits) - 1, 0) * tick AS at
        FROM turn AS t
        WHERE t.user_id IN (SELECT x.user_id FROM turn AS x WHERE NOT x.fits)
        GROUP BY t.user_id, t.at
    ),
    retry AS MATERIALIZED (
        SELECT r.user_id, r.weight, CASE WHEN bool_or(w.used + r.taken + r.weight > w.quota) THEN
            greatest(r.last_at + tick, max(w.length * tick + CASE
            WHEN w.used + r.taken + r.weight <= w.quota THEN NULL
            WHEN w.used + r.taken + r.weight - w.quota > w.used THEN (
                -- Rows of this very batch must leave.
                SELECT min(b.at + (b.nr - 1) * tick) FROM turn AS b
                WHERE b.user_id = r.user_id AND b.fits
                    AND b.counted >= r.taken + r.weight - w.quota)
@mixed{            WHEN w.base IS NULL THEN sluice.weight_left_at(
                r.user_id, r.at - w.length * tick, r.at, w.used + r.taken + r.weight - w.quota,
                w.quota - r.taken - r.weight)
}@            ELSE sluice.total_reached_at(
                r.user_id, r.at - w.length * tick, r.newest_at, w.base + w.used + r.taken + r.weight - w.quota)
            END)) END AS at
        FROM (
            SELECT DISTINCT t.user_id, greatest(t.weight, 1) AS weight, k.weight AS taken, t.at, t.newest_at,
                k.at AS last_at
            FROM turn AS t JOIN taken AS k USING (user_id)
            WHERE NOT t.fits AND greatest(t.weight, 1) <= tightest
        ) AS r JOIN window_of AS w USING (user_id)
        GROUP BY r.user_id, r.weight, r.last_at
    )
    SELECT t."position"::integer, t.call_id, 'admitted', t.at + (t.nr - 1) * tick, NULL::timestamptz,
        CASE WHEN cardinality(t.used) = 1 THEN ARRAY[t.used[1] + t.counted]
            ELSE ARRAY(SELECT u + t.counted FROM unnest(t.used) WITH ORDINALITY AS x(u, nr) ORDER BY x.nr) END,
        CASE WHEN cardinality(t.used) = 1 THEN ARRAY[coalesce(t.oldest_at[1], t.at) + lengths[1] * tick]
            ELSE ARRAY(SELECT coalesce(o, t.at) + lengths[x.nr] * tick
                FROM unnest(t.oldest_at) WITH ORDINALITY AS x(o, nr) ORDER BY x.nr) END
    FROM turn AS t WHERE t.fits
    UNION ALL
    SELECT t."position"::integer, t.call_id,
        CASE WHEN greatest(t.weight, 1) > tightest THEN 'never_fits' WHEN r.at IS NULL THEN 'admitted' ELSE 'refused' END,
        k.at, r.at,
        ARRAY(SELECT u + k.weight FROM unnest(t.used) WITH ORDINALITY AS x(u, nr) ORDER BY x.nr),
        ARRAY(SELECT coalesce(o, CASE WHEN k.weight > 0 THEN t.at END) + lengths[x.nr] * tick
            FROM unnest(t.oldest_at) WITH ORDINALITY AS x(o, nr) ORDER BY x.nr)
    FROM turn AS t JOIN taken AS k USING (user_id)
    LEFT JOIN retry AS r ON r.user_id = t.user_id AND r.weight = greatest(t.weight, 1)
    WHERE NOT t.fits
    UNION ALL
    SELECT c."position"::integer, c.call_id, 'undecided', NULL, NULL, NULL, NULL
    FROM call AS c JOIN state AS s USING (user_id) WHERE s.is_odd;
END
$function$
$template$;
    -- The most frequent batch, decided with half the work: one window, every call of another user, nothing unchecked.
    decide_each_template CONSTANT text := $template$
CREATE FUNCTION sluice.decide_each_@suffix(
    clock timestamptz, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[],
    models text[], origins sluice.call_origin[], quota bigint, length bigint, policy_id integer, replica text
) RETURNS SETOF sluice.decision
LANGUAGE plpgsql VOLATILE
@modeAS $function$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    span CONSTANT interval := length * tick;
    after CONSTANT timestamptz := clock - span;
BEGIN
    RETURN QUERY
    WITH state AS MATERIALIZED (
        SELECT c.*, greatest(c.weight, 1) AS asked, greatest(clock, n.admitted_at + tick) AS at,
            n.admitted_at AS newest_at, n.running_total AS total, n.total_since, o.admitted_at AS oldest_at, o.base,
            coalesce(n.running_total - o.base, 0) AS used,
            coalesce(o.total_since <> n.total_since, false) AS is_odd
        FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total, l.total_since FROM @ledger AS l
            WHERE l.user_id = c.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM @ledger AS l
            WHERE n.running_total IS NOT NULL AND l.user_id = c.user_id
                AND l.admitted_at > greatest(after, n.admitted_at + tick - span) AND l.admitted_at < ahead
                AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS o ON true
    ), admitted AS (
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
            id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output,
            reserved_cost)
        SELECT s.user_id, s.at, s.call_id, s.weight, coalesce(s.total, 0) + s.weight, coalesce(s.total_since, s.at),
            decide_each_@suffix.policy_id, 'enforced', s.supplied, s.route, s.model, decide_each_@suffix.replica,
            s.key_id, s.logical_id, s.attempt, s.reserved_input, s.reserved_output, s.reserved_cost
        FROM state AS s WHERE s.weight > 0 AND s.used + s.weight <= quota AND NOT s.is_odd
    )
    SELECT s."position"::integer, s.call_id,
        CASE WHEN s.is_odd THEN 'undecided' WHEN s.asked > quota THEN 'never_fits'
            WHEN s.used + s.asked <= quota THEN 'admitted' ELSE 'refused' END,
        s.at,
        CASE WHEN s.used + s.asked > quota AND s.asked <= quota AND NOT s.is_odd THEN greatest(s.at + tick, span
            + sluice.total_reached_at(s.user_id, s.at - span, s.newest_at, s.base + s.used + s.asked - quota)) END,
        ARRAY[CASE WHEN s.used + s.asked <= quota THEN s.used + s.weight ELSE s.used END],
        ARRAY[span + coalesce(s.oldest_at, CASE WHEN s.weight > 0 AND s.used + s.weight <= quota THEN s.at END)]
    FROM state AS s;
END
$function$
$template$;
    template text;
BEGIN
    FOREACH template IN ARRAY ARRAY[
        any_unchecked_template, window_state_template, decide_each_template,
        regexp_replace(regexp_replace(replace(decide_template, '@mark', ''),
            '@mixed\{.*?\}@', '', 'g'), '@plain\{(.*?)\}@', '\1', 'g'),
        regexp_replace(regexp_replace(replace(decide_template, '@mark', 'mixed_'),
            '@plain\{.*?\}@', '', 'g'), '@mixed\{(.*?)\}@', '\1', 'g')
    ] LOOP
        EXECUTE replace(replace(replace(template,
            '@suffix', 'recent'), '@ledger', 'sluice.recent'), '@mode', '');
        EXECUTE replace(replace(replace(template,
            '@suffix', 'anywhere'), '@ledger', 'sluice.calls'), '@mode', E'SET plan_cache_mode = force_custom_plan\n');
    END LOOP;
END
$install$;

-- Whether sluice.recent serves windows of these lengths, and 24 hours ahead for a clock that was set back.
CREATE FUNCTION sluice.is_recent(clock timestamptz, lengths bigint[]) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT sluice.recent_reach() >= ALL (lengths) AND clock + interval '24 hours' <= sluice.recent_until()
    AND clock - sluice.recent_reach() * interval '1 microsecond' >= sluice.recent_from()
$$;

CREATE FUNCTION sluice.window_state(
    wanted_user uuid, clock timestamptz, limits bigint[], lengths bigint[]
) RETURNS sluice.window_state
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF sluice.is_recent(clock, lengths) THEN
        RETURN sluice.window_state_recent(wanted_user, clock, limits, lengths);
    END IF;
    RETURN sluice.window_state_anywhere(wanted_user, clock, limits, lengths);
END
$$;

-- When a call of `weight` fits again, or null if it does now: `state` is what the ledger held before this transaction,
-- `taken_*` the rows that it added, in order, with the sum of weights up to each.
CREATE FUNCTION sluice.retry_at(
    wanted_user uuid, state sluice.window_state, limits bigint[], lengths bigint[], weight bigint,
    taken_at timestamptz[], taken_total bigint[]
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    taken bigint := coalesce(taken_total[cardinality(taken_total)], 0);
    answer timestamptz;
    leaves timestamptz;
    need bigint;
BEGIN
    FOR nr IN 1 .. cardinality(limits) LOOP
        need := state.used[nr] + taken + weight - limits[nr];
        CONTINUE WHEN need <= 0;
        IF state.base[nr] IS NULL AND state.used[nr] > 0 THEN
            leaves := sluice.weight_left_at(
                wanted_user, state.at - lengths[nr] * tick, state.at + interval '24 hours', need, limits[nr] - weight);
        ELSIF need > state.used[nr] THEN
            SELECT min(t.at) INTO leaves FROM unnest(taken_at, taken_total) AS t(at, total)
            WHERE t.total >= need - state.used[nr];
        ELSE
            leaves := sluice.total_reached_at(
                wanted_user, state.at - lengths[nr] * tick, state.newest_at, state.base[nr] + need);
        END IF;
        answer := greatest(answer, leaves + lengths[nr] * tick);
    END LOOP;
    -- A window shorter than the spread of its own batch: the user's time is past the end of it.
    RETURN CASE WHEN answer IS NOT NULL THEN
        greatest(answer, coalesce(taken_at[cardinality(taken_at)], state.at) + tick) END;
END
$$;

-- Under REPEATABLE READ and SERIALIZABLE a transaction sees the ledger as it was before it got the user's lock, and would
-- count what others have added since as room.
CREATE FUNCTION sluice.check_isolation() RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE invalid_transaction_state USING
            MESSAGE = format('a decision cannot be exact under isolation level %s', current_setting('transaction_isolation')),
            HINT = 'Use READ COMMITTED: check default_transaction_isolation of the role and of the database.';
    END IF;
END
$$;

-- What nobody may pass. Messages name the value and what is allowed.
CREATE FUNCTION sluice.check_windows(limits bigint[], lengths bigint[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
    IF limits IS NULL OR lengths IS NULL OR cardinality(limits) NOT BETWEEN 1 AND 16
        OR cardinality(limits) <> cardinality(lengths) OR array_ndims(limits) <> 1 OR array_ndims(lengths) <> 1
        OR array_lower(limits, 1) <> 1 OR array_lower(lengths, 1) <> 1 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('limits %s and lengths %s do not describe windows', limits, lengths),
            HINT = 'Pass two arrays of equal length, 1 to 16 elements each.';
    END IF;
    IF (0 <= ALL (limits)) IS NOT TRUE OR (1000000000000000 >= ALL (limits)) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('limits %s are out of range', limits), HINT = 'Use 0 to 1000000000000000 each.';
    END IF;
    IF (0 < ALL (lengths)) IS NOT TRUE OR (31622400000000 >= ALL (lengths)) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('lengths %s are out of range', lengths),
            HINT = 'Use 1 to 31622400000000 microseconds (366 days) each.';
    END IF;
END
$$;

CREATE FUNCTION sluice.check_calls(
    call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[]
) RETURNS void
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    calls integer := cardinality(call_ids);
BEGIN
    IF calls IS NULL OR calls NOT BETWEEN 1 AND 10000
        OR (calls = ALL (ARRAY[cardinality(supplied), cardinality(weights), cardinality(routes), cardinality(models),
            cardinality(origins)])) IS NOT TRUE
        OR (1 = ALL (ARRAY[array_ndims(call_ids), array_ndims(supplied), array_ndims(weights), array_ndims(routes),
            array_ndims(models), array_ndims(origins)])) IS NOT TRUE
        OR (1 = ALL (ARRAY[array_lower(call_ids, 1), array_lower(supplied, 1), array_lower(weights, 1),
            array_lower(routes, 1), array_lower(models, 1), array_lower(origins, 1)])) IS NOT TRUE
        OR array_position(call_ids, NULL) IS NOT NULL OR array_position(supplied, NULL) IS NOT NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'the arrays do not describe calls',
            HINT = 'Pass one-dimensional arrays of equal length, 1 to 10000 elements each; call_ids and supplied hold no null.';
    END IF;
    IF (0 <= ALL (weights)) IS NOT TRUE OR (1000000000 >= ALL (weights)) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('weights hold %s, which is out of range',
                (SELECT coalesce(w::text, 'null') FROM unnest(weights) AS w
                 WHERE (w BETWEEN 0 AND 1000000000) IS NOT TRUE LIMIT 1)),
            HINT = 'Use 0 (only look) to 1000000000.';
    END IF;
END
$$;

-- An admission that misses the partition of the day makes it.
CREATE FUNCTION sluice.ensure_today(clock timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    today date := clock AT TIME ZONE 'UTC';
    soon date := (clock + interval '1 minute') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass('sluice.' || sluice.partition_name(today)) IS NULL
        OR (soon <> today AND to_regclass('sluice.' || sluice.partition_name(soon)) IS NULL) THEN
        PERFORM sluice.ensure_partitions(today, 2);
    END IF;
END
$$;

-- The first answer to a call id that the ledger holds already, or null.
CREATE FUNCTION sluice.replay(
    wanted_user uuid, wanted_call uuid, clock timestamptz, limits bigint[], lengths bigint[]
) RETURNS sluice.decision
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    found sluice.calls;
    answer sluice.decision;
    after timestamptz;
    oldest sluice.calls;
    used bigint;
BEGIN
    after := clock - greatest((SELECT max(l) FROM unnest(lengths) AS l), 86400000000) * tick;
    SELECT c.* INTO found FROM sluice.calls AS c
    WHERE c.user_id = wanted_user AND c.call_id = wanted_call AND c.id_supplied
        AND c.admitted_at > after AND c.admitted_at < ahead
    ORDER BY c.admitted_at DESC LIMIT 1;
    IF found.user_id IS NULL THEN
        RETURN NULL;
    END IF;
    answer.call_id := wanted_call;
    answer.outcome := 'replayed';
    answer.decided_at := found.admitted_at;
    IF found.running_total IS NULL THEN
        RETURN answer;
    END IF;
    FOR nr IN 1 .. cardinality(lengths) LOOP
        after := found.admitted_at - lengths[nr] * tick;
        SELECT c.* INTO oldest FROM sluice.calls AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at <= found.admitted_at
        ORDER BY c.admitted_at LIMIT 1;
        IF oldest.total_since = found.total_since AND NOT EXISTS (
            SELECT FROM sluice.calls AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at <= found.admitted_at
                AND c.running_total IS NULL)
        THEN
            used := found.running_total - oldest.running_total + oldest.weight;
        ELSE
            SELECT sum(c.weight) INTO used FROM sluice.calls AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at <= found.admitted_at;
        END IF;
        answer.used[nr] := used;
        answer.reset_at[nr] := oldest.admitted_at + lengths[nr] * tick;
    END LOOP;
    RETURN answer;
END
$$;

-- Users whom admit_many leaves to admit_user: a call id of theirs is in the ledger already, or twice in the batch.
CREATE FUNCTION sluice.users_with_known_ids(
    clock timestamptz, user_ids uuid[], call_ids uuid[], supplied boolean[], lengths bigint[]
) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    after timestamptz;
BEGIN
    after := clock - greatest((SELECT max(l) FROM unnest(lengths) AS l), 86400000000) * interval '1 microsecond';
    RETURN (
        SELECT array_agg(DISTINCT c.user_id) FROM (
            SELECT c.user_id, c.call_id, count(*) AS times
            FROM unnest(user_ids, call_ids, supplied) AS c(user_id, call_id, supplied)
            WHERE c.supplied GROUP BY c.user_id, c.call_id
        ) AS c WHERE c.times > 1 OR EXISTS (
            SELECT FROM sluice.calls AS l
            WHERE l.user_id = c.user_id AND l.call_id = c.call_id AND l.id_supplied
                AND l.admitted_at > after AND l.admitted_at < ahead));
END
$$;

-- The answers to calls that were recorded as unchecked before they came here: they were let through already.
CREATE FUNCTION sluice.known_unchecked(wanted_user uuid, clock timestamptz, call_ids uuid[], lengths bigint[]) RETURNS sluice.decision[]
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    after timestamptz;
    answers sluice.decision[];
    known record;
BEGIN
    after := clock - greatest((SELECT max(l) FROM unnest(lengths) AS l), 86400000000) * interval '1 microsecond';
    FOR known IN
        SELECT c."position"::integer AS "position", c.call_id, l.admitted_at
        FROM unnest(call_ids) WITH ORDINALITY AS c(call_id, "position")
        JOIN sluice.calls AS l ON l.call_id = c.call_id
        WHERE l.user_id = wanted_user AND l.admitted_at > after AND l.admitted_at < ahead AND l.total_since IS NULL
    LOOP
        answers[known."position"] :=
            (known."position", known.call_id, 'replayed', known.admitted_at, NULL, NULL, NULL)::sluice.decision;
    END LOOP;
    RETURN answers;
END
$$;

CREATE FUNCTION sluice.admit_user(
    user_id uuid, call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[],
    limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean DEFAULT true
) RETURNS sluice.decision[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    tick CONSTANT interval := '1 microsecond';
    calls CONSTANT integer := cardinality(call_ids);
    wanted_user CONSTANT uuid := user_id;
    wanted_policy CONSTANT integer := policy_id;
    this_replica CONSTANT text := replica;
    clock timestamptz;
    state sluice.window_state;
    answers sluice.decision[];
    answer sluice.decision;
    -- Calls still to be decided, lightest first.
    pending integer[];
    -- Rows to add, in order.
    taken integer[] := '{}';
    taken_at timestamptz[] := '{}';
    taken_total bigint[] := '{}';
    total bigint := 0;
    -- Supplied ids of the calls that decide.
    deciding uuid[] := '{}';
    turn integer;
    room bigint;
    tightest bigint;
    retry_weight bigint;
    retry timestamptz;
    weight bigint;
    place integer;
    is_busy boolean;
BEGIN
    IF user_id IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'user_id is null', HINT = 'Pass the user''s UUID.';
    END IF;
    IF policy_id IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'policy_id is null', HINT = 'Pass 1 for the built-in default.';
    END IF;
    PERFORM sluice.check_isolation();
    PERFORM sluice.check_windows(limits, lengths);
    PERFORM sluice.check_calls(call_ids, supplied, weights, routes, models, origins);
    PERFORM sluice.ensure_today(sluice.clock());
    is_busy := NOT pg_try_advisory_xact_lock(1936487795, sluice.lock_key(user_id));
    IF is_busy AND wait THEN
        -- Only here does a lock that is not granted mean a busy user; from a table it is an error.
        BEGIN
            PERFORM pg_advisory_xact_lock(1936487795, sluice.lock_key(user_id));
            is_busy := false;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END IF;
    IF is_busy THEN
        RETURN ARRAY(
            SELECT (c."position"::integer, c.call_id, 'busy', NULL, NULL, NULL, NULL)::sluice.decision
            FROM unnest(call_ids) WITH ORDINALITY AS c(call_id, "position") ORDER BY c."position");
    END IF;
    clock := sluice.clock();

    state := sluice.window_state(wanted_user, clock, limits, lengths);
    IF state.has_unchecked THEN
        answers := sluice.known_unchecked(wanted_user, clock, call_ids, lengths);
    END IF;
    -- Ids that came before get their first answer. Of an id that comes twice here the first call decides.
    IF true = ANY (supplied) THEN
        FOR place IN 1 .. calls LOOP
            CONTINUE WHEN (answers[place]).outcome IS NOT NULL;
            IF supplied[place] THEN
                answer := sluice.replay(wanted_user, call_ids[place], state.at, limits, lengths);
                IF answer.outcome IS NOT NULL THEN
                    answer."position" := place;
                    answers[place] := answer;
                    CONTINUE;
                END IF;
                IF weights[place] > 0 THEN
                    CONTINUE WHEN call_ids[place] = ANY (deciding);
                    deciding := deciding || call_ids[place];
                END IF;
            END IF;
            pending := pending || place;
        END LOOP;
        SELECT array_agg(p ORDER BY weights[p], p) INTO pending FROM unnest(pending) AS p;
    ELSE
        SELECT array_agg(p ORDER BY weights[p], p) INTO pending FROM generate_series(1, calls) AS p
        WHERE (answers[p]).outcome IS NULL;
    END IF;

    SELECT min(l), min(l - u) INTO tightest, room FROM unnest(limits, state.used) AS w(l, u);

    -- What fits, in order; the rest is answered as of the state after it.
    FOREACH place IN ARRAY coalesce(pending, '{}') LOOP
        weight := weights[place];
        CONTINUE WHEN weight = 0;
        EXIT WHEN weight > tightest OR total + weight > room;
        total := total + weight;
        taken := taken || place;
        taken_at := taken_at || state.at + (cardinality(taken_at)) * tick;
        taken_total := taken_total || total;
    END LOOP;
    IF cardinality(taken) > 0 THEN
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
            id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output,
            reserved_cost)
        SELECT wanted_user, t.at, call_ids[t.place], weights[t.place], coalesce(state.total, 0) + t.total,
            coalesce(state.total_since, state.at), wanted_policy, 'enforced', supplied[t.place], routes[t.place],
            models[t.place], this_replica, (origins[t.place]).key_id, (origins[t.place]).logical_id,
            (origins[t.place]).attempt, (origins[t.place]).reserved_input, (origins[t.place]).reserved_output,
            (origins[t.place]).reserved_cost
        FROM unnest(taken, taken_at, taken_total) AS t(place, at, total);
    END IF;

    FOREACH place IN ARRAY coalesce(pending, '{}') LOOP
        weight := weights[place];
        answer := NULL;
        answer."position" := place;
        answer.call_id := call_ids[place];
        turn := array_position(taken, place);
        IF turn IS NOT NULL THEN
            answer.outcome := 'admitted';
            answer.decided_at := taken_at[turn];
            total := taken_total[turn];
        ELSE
            total := coalesce(taken_total[cardinality(taken_total)], 0);
            answer.decided_at := coalesce(taken_at[cardinality(taken_at)], state.at);
            IF greatest(weight, 1) > tightest THEN
                answer.outcome := 'never_fits';
            ELSE
                IF retry_weight IS DISTINCT FROM greatest(weight, 1) THEN
                    retry_weight := greatest(weight, 1);
                    retry := sluice.retry_at(wanted_user, state, limits, lengths, retry_weight, taken_at, taken_total);
                END IF;
                answer.outcome := CASE WHEN retry IS NULL THEN 'admitted' ELSE 'refused' END;
                answer.retry_at := retry;
            END IF;
        END IF;
        FOR nr IN 1 .. cardinality(limits) LOOP
            answer.used[nr] := state.used[nr] + total;
            answer.reset_at[nr] := lengths[nr] * tick
                + coalesce(state.oldest_at[nr], CASE WHEN total > 0 THEN state.at END);
        END LOOP;
        answers[place] := answer;
    END LOOP;

    -- Later calls with an id of this batch: the answer of the one that decided.
    FOR place IN 1 .. calls LOOP
        CONTINUE WHEN (answers[place]).outcome IS NOT NULL;
        SELECT a.* INTO answer FROM unnest(answers) AS a
        WHERE a.call_id = call_ids[place] AND weights[a."position"] > 0 AND supplied[a."position"]
        ORDER BY a."position" LIMIT 1;
        answer."position" := place;
        answer.outcome := CASE answer.outcome WHEN 'admitted' THEN 'replayed' ELSE answer.outcome END;
        answers[place] := answer;
    END LOOP;
    RETURN answers;
END
$$;

COMMENT ON FUNCTION sluice.admit_user(uuid, uuid[], boolean[], bigint[], text[], text[], sluice.call_origin[], bigint[], bigint[], integer, text, boolean) IS 'Decides some calls of one user and adds the rows of those that are admitted. lengths are microseconds. Answers busy when another transaction holds the user''s lock: at once, or if wait after 100 ms. Commit before you let the call through.';

CREATE FUNCTION sluice.admit_many(
    user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[],
    limits bigint[], lengths bigint[], policy_id integer, replica text
) RETURNS SETOF sluice.decision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clock timestamptz;
    busy integer[];
    known uuid[];
    free integer[];
    is_recent boolean;
    is_mixed boolean;
BEGIN
    IF user_ids IS NULL OR array_position(user_ids, NULL) IS NOT NULL OR cardinality(user_ids) IS DISTINCT FROM cardinality(call_ids)
        OR array_ndims(user_ids) IS DISTINCT FROM 1 OR array_lower(user_ids, 1) IS DISTINCT FROM 1 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'user_ids do not name the user of each call',
            HINT = 'Pass a one-dimensional array of as many UUIDs as there are calls, none of them null.';
    END IF;
    IF policy_id IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'policy_id is null', HINT = 'Pass 1 for the built-in default.';
    END IF;
    PERFORM sluice.check_isolation();
    PERFORM sluice.check_windows(limits, lengths);
    PERFORM sluice.check_calls(call_ids, supplied, weights, routes, models, origins);
    PERFORM sluice.ensure_today(sluice.clock());
    -- Nobody waits here, so one user whose lock is held elsewhere holds up no other; hence no order is needed either.
    SELECT array_agg(k.key) INTO busy
    FROM (SELECT DISTINCT sluice.lock_key(u) AS key FROM unnest(user_ids) AS u) AS k
    WHERE NOT pg_try_advisory_xact_lock(1936487795, k.key);
    clock := sluice.clock();
    IF true = ANY (supplied) THEN
        known := sluice.users_with_known_ids(clock, user_ids, call_ids, supplied, lengths);
    END IF;
    IF busy IS NOT NULL OR known IS NOT NULL THEN
        RETURN QUERY
        SELECT c."position"::integer, c.call_id,
            CASE WHEN sluice.lock_key(c.user_id) = ANY (busy) THEN 'busy' ELSE 'undecided' END, NULL::timestamptz, NULL::timestamptz, NULL::bigint[], NULL::timestamptz[]
        FROM unnest(user_ids, call_ids) WITH ORDINALITY AS c(user_id, call_id, "position")
        WHERE sluice.lock_key(c.user_id) = ANY (busy) OR c.user_id = ANY (known);
        SELECT array_agg(c."position"::integer ORDER BY c."position"), array_agg(c.user_id ORDER BY c."position"),
            array_agg(c.call_id ORDER BY c."position"), array_agg(c.supplied ORDER BY c."position"),
            array_agg(c.weight ORDER BY c."position"), array_agg(c.route ORDER BY c."position"),
            array_agg(c.model ORDER BY c."position"),
            array_agg((c.key_id, c.logical_id, c.attempt, c.reserved_input, c.reserved_output,
                c.reserved_cost)::sluice.call_origin ORDER BY c."position")
        INTO free, user_ids, call_ids, supplied, weights, routes, models, origins
        FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
        WHERE (sluice.lock_key(c.user_id) = ANY (busy)) IS NOT TRUE AND (c.user_id = ANY (known)) IS NOT TRUE;
        IF free IS NULL THEN
            RETURN;
        END IF;
    END IF;
    is_recent := sluice.is_recent(clock, lengths);
    IF is_recent THEN
        is_mixed := sluice.any_unchecked_recent(clock, user_ids, lengths);
    ELSE
        is_mixed := sluice.any_unchecked_anywhere(clock, user_ids, lengths);
    END IF;
    IF is_mixed AND is_recent THEN
        RETURN QUERY
        SELECT coalesce(free[d."position"], d."position"), d.call_id, d.outcome, d.decided_at, d.retry_at, d.used,
            d.reset_at
        FROM sluice.decide_mixed_recent(clock, user_ids, call_ids, supplied, weights, routes, models, origins, limits, lengths,
            policy_id, replica) AS d;
    ELSIF is_mixed THEN
        RETURN QUERY
        SELECT coalesce(free[d."position"], d."position"), d.call_id, d.outcome, d.decided_at, d.retry_at, d.used,
            d.reset_at
        FROM sluice.decide_mixed_anywhere(clock, user_ids, call_ids, supplied, weights, routes, models, origins, limits, lengths,
            policy_id, replica) AS d;
    ELSIF cardinality(limits) = 1 AND cardinality(user_ids) = (SELECT count(DISTINCT u) FROM unnest(user_ids) AS u) THEN
        IF is_recent THEN
            RETURN QUERY
            SELECT coalesce(free[d."position"], d."position"), d.call_id, d.outcome, d.decided_at, d.retry_at, d.used,
                d.reset_at
            FROM sluice.decide_each_recent(clock, user_ids, call_ids, supplied, weights, routes, models, origins, limits[1],
                lengths[1], policy_id, replica) AS d;
        ELSE
            RETURN QUERY
            SELECT coalesce(free[d."position"], d."position"), d.call_id, d.outcome, d.decided_at, d.retry_at, d.used,
                d.reset_at
            FROM sluice.decide_each_anywhere(clock, user_ids, call_ids, supplied, weights, routes, models, origins, limits[1],
                lengths[1], policy_id, replica) AS d;
        END IF;
    ELSIF is_recent THEN
        RETURN QUERY
        SELECT coalesce(free[d."position"], d."position"), d.call_id, d.outcome, d.decided_at, d.retry_at, d.used,
            d.reset_at
        FROM sluice.decide_recent(clock, user_ids, call_ids, supplied, weights, routes, models, origins, limits, lengths,
            policy_id, replica) AS d;
    ELSE
        RETURN QUERY
        SELECT coalesce(free[d."position"], d."position"), d.call_id, d.outcome, d.decided_at, d.retry_at, d.used,
            d.reset_at
        FROM sluice.decide_anywhere(clock, user_ids, call_ids, supplied, weights, routes, models, origins, limits, lengths,
            policy_id, replica) AS d;
    END IF;
END
$$;

COMMENT ON FUNCTION sluice.admit_many(uuid[], uuid[], boolean[], bigint[], text[], text[], sluice.call_origin[], bigint[], bigint[], integer, text) IS 'Decides calls of many users at once and adds the rows of those that are admitted. Waits for no lock: calls of users whose lock is held elsewhere come back as busy, and the few that need a closer look as undecided; ask admit_user about both. Rows come in any order; position is the call''s place in the arrays, from 1.';

-- What a call of `weight` would be told now. Takes no lock and adds nothing.
CREATE FUNCTION sluice.peek_user(user_id uuid, weight bigint, limits bigint[], lengths bigint[]) RETURNS sluice.decision
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    state sluice.window_state;
    answer sluice.decision;
BEGIN
    IF user_id IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'user_id is null', HINT = 'Pass the user''s UUID.';
    END IF;
    PERFORM sluice.check_windows(limits, lengths);
    IF (weight BETWEEN 0 AND 1000000000) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('weight %s is out of range', coalesce(weight::text, 'null')), HINT = 'Use 0 to 1000000000.';
    END IF;
    weight := greatest(weight, 1);
    state := sluice.window_state(user_id, sluice.clock(), limits, lengths);
    answer."position" := 1;
    answer.decided_at := state.at;
    IF weight > (SELECT min(l) FROM unnest(limits) AS l) THEN
        answer.outcome := 'never_fits';
    ELSE
        answer.retry_at := sluice.retry_at(user_id, state, limits, lengths, weight, '{}', '{}');
        answer.outcome := CASE WHEN answer.retry_at IS NULL THEN 'admitted' ELSE 'refused' END;
    END IF;
    answer.used := state.used;
    FOR nr IN 1 .. cardinality(lengths) LOOP
        answer.reset_at[nr] := state.oldest_at[nr] + lengths[nr] * tick;
    END LOOP;
    RETURN answer;
END
$$;

COMMENT ON FUNCTION sluice.peek_user(uuid, bigint, bigint[], bigint[]) IS 'What a call of this weight would be told now; adds nothing. lengths are microseconds.';

-- An absurd length becomes one that check_windows refuses in its own words.
CREATE FUNCTION sluice.microseconds(length interval) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT least(extract(epoch FROM length) * 1000000, 1e18)::bigint$$;

-- The same for people and for scripts: one call, one window, defaults for everything.
CREATE FUNCTION sluice.admit(
    user_id uuid, weight bigint DEFAULT 1, quota bigint DEFAULT 20, period interval DEFAULT '1 hour',
    call_id uuid DEFAULT NULL, route text DEFAULT NULL, model text DEFAULT NULL
) RETURNS sluice.decision
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT (sluice.admit_user(
    user_id, ARRAY[coalesce(call_id, sluice.new_call_id())], ARRAY[call_id IS NOT NULL], ARRAY[weight], ARRAY[route],
    ARRAY[model], ARRAY[NULL]::sluice.call_origin[], ARRAY[quota], ARRAY[sluice.microseconds(period)], 1, 'sql'))[1]
$$;

COMMENT ON FUNCTION sluice.admit(uuid, bigint, bigint, interval, uuid, text, text) IS 'Decides one call and adds its row if it is admitted. Commit before you let the call through. Write SELECT * FROM sluice.admit(…), never SELECT (sluice.admit(…)).*, which would call it once per column.';

CREATE FUNCTION sluice.peek(
    user_id uuid, weight bigint DEFAULT 1, quota bigint DEFAULT 20, period interval DEFAULT '1 hour'
) RETURNS sluice.decision
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT sluice.peek_user(user_id, weight, ARRAY[quota], ARRAY[sluice.microseconds(period)])
$$;

COMMENT ON FUNCTION sluice.peek(uuid, bigint, bigint, interval) IS 'What a call of this weight would be told now; adds nothing.';

SELECT sluice.cover_recent();
