-- Batches in which users come up more than once are decided set by set, too, and each batch in one statement that reads and
-- writes. Users who keep several replicas busy come up more than once in nearly every batch.
-- And cover_recent takes the views in the order in which decisions do, so that neither ends the other.
-- Locks: none but on the functions.

CREATE OR REPLACE FUNCTION sluice.admit_batch(
    user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[],
    limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean DEFAULT false
) RETURNS SETOF sluice.decisions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 2
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_variable
DECLARE
    tick CONSTANT interval := '1 microsecond';
    calls CONSTANT integer := coalesce(cardinality(call_ids), 0);
    quota CONSTANT bigint := limits[1];
    one_user CONSTANT boolean := user_ids[1] = ALL (user_ids);
    is_plain boolean;
    is_mine boolean;
    -- Places of the calls whose user's lock is held elsewhere, and of the others; null for none.
    busy integer[];
    free integer[];
    users integer;
    -- Of a call whose user has several: its turn among them, and their weight up to it.
    turns bigint[];
    counted bigint[];
    s record;
BEGIN
    is_plain := (cardinality(user_ids) = calls AND cardinality(weights) = calls AND supplied IS NULL
        AND (routes IS NULL OR cardinality(routes) = calls) AND (models IS NULL OR cardinality(models) = calls)
        AND (origins IS NULL OR cardinality(origins) = calls)
        AND 1 = ALL (ARRAY[array_lower(call_ids, 1), array_lower(user_ids, 1), array_lower(weights, 1), array_lower(limits, 1),
            array_lower(lengths, 1), cardinality(limits), cardinality(lengths), array_ndims(call_ids), array_ndims(user_ids),
            array_ndims(weights), coalesce(array_ndims(routes), 1), coalesce(array_ndims(models), 1), coalesce(array_ndims(origins), 1)])
        AND calls <= 10000 AND quota <= 1000000000000000 AND lengths[1] BETWEEN 1 AND sluice.recent_reach()
        AND 1 <= ALL (weights) AND least(quota, 1000000000) >= ALL (weights) AND policy_id IS NOT NULL
        AND array_position(user_ids, NULL) IS NULL AND array_position(call_ids, NULL) IS NULL
        AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')) IS TRUE;

    IF is_plain AND one_user THEN
        is_mine := pg_try_advisory_xact_lock(1936487795, sluice.lock_key(user_ids[1]));
        IF NOT is_mine AND wait THEN
            -- Only here does a lock that is not granted mean a busy user; from a table it is an error.
            BEGIN
                PERFORM pg_advisory_xact_lock(1936487795, sluice.lock_key(user_ids[1]));
                is_mine := true;
            EXCEPTION WHEN lock_not_available THEN
                NULL;
            END;
        END IF;
        IF NOT is_mine THEN
            RETURN NEXT (NULL, 'busy', array_fill(NULL::timestamptz, ARRAY[calls]), NULL, NULL, NULL)::sluice.decisions;
            RETURN;
        END IF;
        WITH moment AS MATERIALIZED (
            SELECT k.clock, lengths[1] * tick AS span, k.clock - lengths[1] * tick AS after,
                (k.clock >= sluice.open_from() AND k.clock - sluice.recent_reach() * tick >= sluice.recent_from()
                    AND weights[1] = ALL (weights) AND NOT EXISTS (SELECT FROM sluice.later)
                    -- As in any_unchecked_recent: an hour at least.
                    AND NOT EXISTS (
                        SELECT FROM sluice.near AS l
                        WHERE l.user_id = user_ids[1] AND l.admitted_at > k.clock - greatest(lengths[1], 3600000000) * tick
                            AND l.running_total IS NULL)
                    AND NOT EXISTS (SELECT FROM sluice.open_partition WHERE k.clock IS NULL)) IS TRUE AS is_near
            FROM (SELECT sluice.clock() AS clock OFFSET 0) AS k
        ), state AS MATERIALIZED (
            SELECT greatest(m.clock, n.admitted_at + tick) AS at, coalesce(n.running_total, 0) AS total,
                coalesce(n.total_since, m.clock) AS since, coalesce(n.running_total - o.base, 0) AS used,
                m.span + coalesce(o.admitted_at, greatest(m.clock, n.admitted_at + tick)) AS reset_at
            FROM moment AS m
            LEFT JOIN LATERAL (
                SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.near AS l
                WHERE m.is_near AND l.user_id = user_ids[1] AND l.admitted_at > m.after AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at DESC LIMIT 1
            ) AS n ON true
            LEFT JOIN LATERAL (
                SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.near AS l
                WHERE n.running_total IS NOT NULL AND l.user_id = user_ids[1]
                    AND l.admitted_at > greatest(m.after, n.admitted_at + tick - m.span) AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at LIMIT 1
            ) AS o ON true
            -- What is further ahead than a day does not count, and near may hold it.
            WHERE m.is_near AND (o.total_since <> n.total_since OR n.admitted_at >= m.clock + interval '24 hours') IS NOT TRUE
                AND coalesce(n.running_total - o.base, 0) + calls * weights[1] <= quota
                AND greatest(m.clock, n.admitted_at + tick) + calls * tick < sluice.open_until()
        ), admitted AS (
            INSERT INTO sluice.open_partition (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
                id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
            SELECT user_ids[1], t.at + (c."position" - 1) * tick, c.call_id, weights[1], t.total + c."position" * weights[1],
                t.since, policy_id, 'enforced', false, c.route, c.model, replica, c.key_id, c.logical_id, c.attempt,
                c.reserved_input, c.reserved_output, c.reserved_cost
            FROM state AS t CROSS JOIN unnest(call_ids, routes, models, origins) WITH ORDINALITY AS c(call_id, route, model,
                key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
        )
        SELECT array_agg(t.at + (n - 1) * tick) AS at, array_agg(t.used + n * weights[1]) AS used,
            array_agg(t.reset_at) AS reset_at
        INTO s
        FROM state AS t CROSS JOIN generate_series(1, calls) AS n;
        IF s.at IS NOT NULL THEN
            RETURN NEXT (NULL, 'admitted', s.at, NULL, s.used, s.reset_at)::sluice.decisions;
            RETURN;
        END IF;
    ELSIF is_plain THEN
        -- Nobody waits here, so no order of locks is needed.
        SELECT array_agg(c."position") FILTER (WHERE NOT c.is_mine), count(DISTINCT c.u) INTO busy, users
        FROM (
            SELECT u."position"::integer, u.u, pg_try_advisory_xact_lock(1936487795, sluice.lock_key(u.u)) AS is_mine
            FROM unnest(user_ids) WITH ORDINALITY AS u(u, "position") OFFSET 0
        ) AS c;
        IF users < calls THEN
            IF busy IS NOT NULL THEN
                -- Whose lock became free between two tries is busy with all calls, since each counts those before it.
                SELECT array_agg(c."position"::integer) INTO busy
                FROM unnest(user_ids) WITH ORDINALITY AS c(user_id, "position")
                WHERE c.user_id = ANY (ARRAY(SELECT user_ids[b] FROM unnest(busy) AS b));
            END IF;
            SELECT array_agg(t.turn ORDER BY t."position"), array_agg(t.counted ORDER BY t."position") INTO turns, counted
            FROM (
                SELECT c."position", CASE WHEN count(*) OVER (PARTITION BY c.user_id) > 1 THEN row_number() OVER by_weight END AS turn,
                    sum(c.weight) OVER by_weight::bigint AS counted
                FROM unnest(user_ids, weights) WITH ORDINALITY AS c(user_id, weight, "position")
                WINDOW by_weight AS (PARTITION BY c.user_id ORDER BY c.weight, c."position" ROWS UNBOUNDED PRECEDING)
            ) AS t;
        END IF;
        WITH moment AS MATERIALIZED (
            SELECT k.clock, lengths[1] * tick AS span, k.clock - lengths[1] * tick AS after,
                (k.clock >= sluice.open_from() AND k.clock - sluice.recent_reach() * tick >= sluice.recent_from()
                    AND NOT EXISTS (SELECT FROM sluice.later)
                    AND NOT (EXISTS (
                        SELECT FROM sluice.near AS l
                        WHERE l.admitted_at > k.clock - greatest(lengths[1], 3600000000) * tick AND l.mode = 'unchecked')
                        AND sluice.any_unchecked_recent(k.clock, user_ids, lengths))
                    AND NOT EXISTS (SELECT FROM sluice.open_partition WHERE k.clock IS NULL)) IS TRUE AS is_near
            FROM (SELECT sluice.clock() AS clock OFFSET 0) AS k
        ), state AS MATERIALIZED (
            SELECT c.*, m.clock, greatest(m.clock, n.admitted_at + tick) + (coalesce(c.turn, 1) - 1) * tick AS at,
                coalesce(n.running_total - o.base, 0) + coalesce(c.counted, c.weight) AS used,
                coalesce(n.running_total, 0) + coalesce(c.counted, c.weight) AS total, coalesce(n.total_since, m.clock) AS since,
                m.span + coalesce(o.admitted_at, greatest(m.clock, n.admitted_at + tick)) AS reset_at,
                coalesce(o.total_since <> n.total_since OR n.admitted_at >= m.clock + interval '24 hours', false) AS is_odd
            FROM moment AS m
            CROSS JOIN unnest(user_ids, call_ids, weights, routes, models, origins, turns, counted) WITH ORDINALITY AS c(user_id,
                call_id, weight, route, model, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost, turn,
                counted, "position")
            LEFT JOIN LATERAL (
                SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.near AS l
                WHERE l.user_id = c.user_id AND l.admitted_at > m.after AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at DESC LIMIT 1
            ) AS n ON true
            LEFT JOIN LATERAL (
                SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.near AS l
                WHERE n.running_total IS NOT NULL AND l.user_id = c.user_id
                    AND l.admitted_at > greatest(m.after, n.admitted_at + tick - m.span) AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at LIMIT 1
            ) AS o ON true
            WHERE m.is_near AND (busy IS NULL OR c."position" <> ALL (busy))
        ), total AS MATERIALIZED (
            -- Of several calls of a user all fit, or admit_many tells which.
            SELECT coalesce(bool_or(t.is_odd OR t.used > quota AND t.turn IS NOT NULL) OR max(t.at) >= sluice.open_until(), true) AS is_odd,
                array_agg(t.at) AS at, array_agg(t.used) AS used, array_agg(t.reset_at) AS reset_at,
                array_agg(t."position"::integer) AS free, array_agg(t."position"::integer) FILTER (WHERE t.used > quota) AS rest,
                min(t.clock) AS clock
            FROM state AS t
        ), admitted AS (
            INSERT INTO sluice.open_partition (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
                id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
            SELECT t.user_id, t.at, t.call_id, t.weight, t.total, t.since, policy_id, 'enforced', false, t.route, t.model, replica,
                t.key_id, t.logical_id, t.attempt, t.reserved_input, t.reserved_output, t.reserved_cost
            FROM state AS t WHERE t.used <= quota AND NOT (SELECT x.is_odd FROM total AS x)
        )
        SELECT t.* INTO s FROM total AS t;
        IF NOT s.is_odd OR cardinality(busy) = calls THEN
            IF busy IS NOT NULL THEN
                RETURN NEXT (busy, 'busy', array_fill(NULL::timestamptz, ARRAY[cardinality(busy)]), NULL, NULL, NULL)::sluice.decisions;
            END IF;
            IF s.rest IS NULL THEN
                IF NOT s.is_odd THEN
                    RETURN NEXT (CASE WHEN busy IS NOT NULL THEN s.free END, 'admitted', s.at, NULL, s.used, s.reset_at)::sluice.decisions;
                END IF;
                RETURN;
            END IF;
            IF cardinality(s.rest) < cardinality(s.free) THEN
                RETURN QUERY
                SELECT array_agg(t.free), 'admitted', array_agg(t.at), NULL::timestamptz[], array_agg(t.used), array_agg(t.reset_at)
                FROM unnest(s.free, s.at, s.used, s.reset_at) AS t(free, at, used, reset_at)
                WHERE t.used <= quota;
            END IF;
            -- When these fit again takes a closer look at each.
            RETURN QUERY
            SELECT array_agg(s.rest[d."position"]), d.outcome, array_agg(d.decided_at), array_agg(d.retry_at), array_agg(d.used[1]),
                array_agg(d.reset_at[1])
            FROM sluice.decide_each_recent(s.clock, (SELECT array_agg(user_ids[r] ORDER BY r) FROM unnest(s.rest) AS r),
                (SELECT array_agg(call_ids[r] ORDER BY r) FROM unnest(s.rest) AS r), array_fill(false, ARRAY[cardinality(s.rest)]),
                (SELECT array_agg(weights[r] ORDER BY r) FROM unnest(s.rest) AS r), NULL, NULL, NULL, quota, lengths[1], policy_id,
                replica) AS d
            GROUP BY d.outcome;
            RETURN;
        END IF;
    END IF;

    -- Holds the locks, or tries once more.
    IF one_user AND cardinality(user_ids) = calls THEN
        RETURN QUERY
        SELECT ARRAY[d."position"], d.outcome, ARRAY[d.decided_at], ARRAY[d.retry_at], d.used, d.reset_at
        FROM unnest(sluice.admit_user(user_ids[1], call_ids, coalesce(supplied, array_fill(false, ARRAY[calls])), weights,
            coalesce(routes, array_fill(NULL::text, ARRAY[calls])), coalesce(models, array_fill(NULL::text, ARRAY[calls])),
            coalesce(origins, array_fill(NULL::sluice.call_origin, ARRAY[calls])), limits, lengths, policy_id, replica, wait)) AS d;
    ELSE
        RETURN QUERY
        SELECT ARRAY[d."position"], d.outcome, ARRAY[d.decided_at], ARRAY[d.retry_at], d.used, d.reset_at
        FROM sluice.admit_many(user_ids, call_ids, coalesce(supplied, array_fill(false, ARRAY[calls])), weights,
            coalesce(routes, array_fill(NULL::text, ARRAY[calls])), coalesce(models, array_fill(NULL::text, ARRAY[calls])),
            coalesce(origins, array_fill(NULL::sluice.call_origin, ARRAY[calls])), limits, lengths, policy_id, replica) AS d;
    END IF;
END
$$;

-- As before, but for rows further ahead than a day.
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
    s record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(1936487795, sluice.lock_key(user_id)) THEN
        RETURN (1, call_id, 'busy', NULL, NULL, NULL, NULL)::sluice.decision;
    END IF;
    -- Under the lock from here on, which admit_user takes once more and gets. What is near: see is_near. Everything is one
    -- statement, since each expression of a function costs as much as a probe in a transaction that does nothing else.
    SELECT greatest(c.clock, n.admitted_at + tick) AS at, coalesce(n.running_total, 0) + weight AS total,
        coalesce(n.total_since, c.clock) AS since, coalesce(n.running_total - o.base, 0) + weight AS used,
        c.span + coalesce(o.admitted_at, greatest(c.clock, n.admitted_at + tick)) AS reset_at,
        c.is_near AND coalesce(n.running_total - o.base, 0) + weight <= limits[1] AND (o.total_since <> n.total_since OR n.admitted_at >= c.clock + interval '24 hours') IS NOT TRUE
            AND greatest(c.clock, n.admitted_at + tick) < sluice.open_until() AS fits
    INTO s
    FROM (
        SELECT k.clock, lengths[1] * tick AS span, k.clock - lengths[1] * tick AS after,
            (k.clock >= sluice.open_from() AND k.clock - sluice.recent_reach() * tick >= sluice.recent_from()
                AND lengths[1] BETWEEN 1 AND sluice.recent_reach() AND weight BETWEEN 1 AND 1000000000
                AND limits[1] <= 1000000000000000 AND cardinality(limits) = 1 AND cardinality(lengths) = 1
                AND NOT supplied AND user_id IS NOT NULL AND call_id IS NOT NULL AND policy_id IS NOT NULL
                AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')
                AND NOT EXISTS (SELECT FROM sluice.later)
                -- As in any_unchecked_recent: an hour at least.
                AND NOT EXISTS (
                    SELECT FROM sluice.near AS l
                    WHERE l.user_id = user_id AND l.admitted_at > k.clock - greatest(lengths[1], 3600000000) * tick
                        AND l.running_total IS NULL)
                AND NOT EXISTS (SELECT FROM sluice.open_partition WHERE k.clock IS NULL)) IS TRUE AS is_near
        FROM (SELECT sluice.clock() AS clock OFFSET 0) AS k OFFSET 0
    ) AS c
    LEFT JOIN LATERAL (
        SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.near AS l
        WHERE c.is_near AND l.user_id = user_id AND l.admitted_at > c.after AND l.running_total IS NOT NULL
        ORDER BY l.admitted_at DESC LIMIT 1
    ) AS n ON true
    LEFT JOIN LATERAL (
        SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.near AS l
        WHERE n.running_total IS NOT NULL AND l.user_id = user_id
            AND l.admitted_at > greatest(c.after, n.admitted_at + tick - c.span) AND l.running_total IS NOT NULL
        ORDER BY l.admitted_at LIMIT 1
    ) AS o ON true;
    IF s.fits THEN
        INSERT INTO sluice.open_partition (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
            id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
        VALUES (user_id, s.at, call_id, weight, s.total, s.since, policy_id, 'enforced',
            false, route, model, replica, (origin).key_id, (origin).logical_id, (origin).attempt, (origin).reserved_input,
            (origin).reserved_output, (origin).reserved_cost);
        RETURN (1, call_id, 'admitted', s.at, NULL, ARRAY[s.used], ARRAY[s.reset_at])::sluice.decision;
    END IF;
    RETURN (sluice.admit_user(user_id, ARRAY[call_id], ARRAY[supplied], ARRAY[weight], ARRAY[route], ARRAY[model],
        ARRAY[origin], limits, lengths, policy_id, replica, false))[1];
END
$$;

-- As before, in another order.
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
    bounds record;
    names text[];
    open_nr integer;
    edge text;
BEGIN
    IF (longest > interval '0') IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('longest %s is not the length of a window', coalesce(longest::text, 'null')),
            HINT = 'Pass an interval longer than zero.';
    END IF;
    FOR attempt IN 1 .. 2 LOOP
        -- Whole partitions, whatever they hold. What the views name cannot be dropped, so that they have no gaps.
        SELECT array_agg(format('SELECT * FROM sluice.%I', b.partition) ORDER BY b.starts_at) AS names,
            min(b.starts_at) AS first_at, max(b.ends_at) AS last_at, count(*) FILTER (WHERE b.starts_at <= now) AS open_nr,
            max(b.starts_at) FILTER (WHERE b.starts_at <= now) AS open_from,
            min(b.ends_at) FILTER (WHERE b.ends_at > now) AS open_until
        INTO bounds
        FROM sluice.partition_bounds('calls') AS b
        WHERE b.starts_at < (last_day + 1)::timestamp AT TIME ZONE 'UTC' AND b.ends_at > first_day::timestamp AT TIME ZONE 'UTC';
        IF sluice.recent_from() = bounds.first_at AND sluice.recent_until() = bounds.last_at AND sluice.recent_reach() = reach
            AND sluice.open_from() = bounds.open_from AND sluice.open_until() = bounds.open_until THEN
            RETURN false;
        END IF;
        -- Serialises with other replicas, too: ensure_partitions locks.
        EXIT WHEN attempt = 2;
        PERFORM sluice.ensure_partitions(first_day, last_day - first_day + 1);
    END LOOP;
    -- In the order in which decisions lock them, whose other ways read recent last.
    -- A month may hold all that is ahead.
    EXECUTE 'CREATE OR REPLACE VIEW sluice.later AS ' || coalesce(
        nullif(array_to_string(bounds.names[bounds.open_nr + 1:], ' UNION ALL '), ''), 'SELECT * FROM sluice.calls WHERE false');
    EXECUTE 'CREATE OR REPLACE VIEW sluice.near AS ' || array_to_string(bounds.names[:bounds.open_nr], ' UNION ALL ');
    EXECUTE 'CREATE OR REPLACE VIEW sluice.open_partition AS ' || bounds.names[bounds.open_nr];
    EXECUTE 'CREATE OR REPLACE VIEW sluice.recent AS ' || array_to_string(bounds.names, ' UNION ALL ');
    FOREACH edge IN ARRAY ARRAY['recent_from', 'recent_until', 'open_from', 'open_until'] LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION sluice.%I() RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
            edge, format('SELECT %L::timestamptz', CASE edge WHEN 'recent_from' THEN bounds.first_at
                WHEN 'recent_until' THEN bounds.last_at WHEN 'open_from' THEN bounds.open_from ELSE bounds.open_until END));
    END LOOP;
    EXECUTE format('CREATE OR REPLACE FUNCTION sluice.recent_reach() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %s::bigint', reach));
    RETURN true;
END
$$;

-- Nothing asks it any more but a batch that began before this step, and would fail without.
COMMENT ON FUNCTION sluice.is_near(timestamptz, uuid[], bigint[]) IS 'Unused, see 0014. A later step drops it.';

SELECT sluice.grant_privileges();
