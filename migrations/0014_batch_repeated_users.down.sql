-- Batches in which a user comes up more than once go the way of admit_many again.
-- Locks: none but on the functions.

COMMENT ON FUNCTION sluice.is_near(timestamptz, uuid[], bigint[]) IS NULL;

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
    calls integer := cardinality(call_ids);
    quota CONSTANT bigint := limits[1];
    one_user CONSTANT boolean := user_ids[1] = ALL (user_ids);
    clock timestamptz;
    span interval;
    after timestamptz;
    -- One element a call.
    at timestamptz[];
    total bigint[];
    since timestamptz[];
    used bigint[];
    reset_at timestamptz[];
    is_odd boolean;
    rest integer[];
    -- Places of the calls that are left after some were answered; null while these are all of them.
    free integer[];
    busy integer[];
    users integer;
BEGIN
    -- Many calls of one user, or one call each of many; what else there is, is decided as ever.
    IF (cardinality(user_ids) = calls AND cardinality(weights) = calls AND supplied IS NULL
        AND (routes IS NULL OR cardinality(routes) = calls) AND (models IS NULL OR cardinality(models) = calls)
        AND (origins IS NULL OR cardinality(origins) = calls)
        AND 1 = ALL (ARRAY[array_lower(call_ids, 1), array_lower(user_ids, 1), array_lower(weights, 1), array_lower(limits, 1),
            array_lower(lengths, 1), cardinality(limits), cardinality(lengths), array_ndims(call_ids)])
        AND calls <= 10000 AND quota <= 1000000000000000 AND lengths[1] BETWEEN 1 AND sluice.recent_reach()
        AND 1 <= ALL (weights) AND least(quota, 1000000000) >= ALL (weights) AND policy_id IS NOT NULL
        AND array_position(user_ids, NULL) IS NULL AND array_position(call_ids, NULL) IS NULL
        AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')) IS TRUE
    THEN
        IF one_user AND pg_try_advisory_xact_lock(1936487795, sluice.lock_key(user_ids[1])) THEN
            is_odd := NOT weights[1] = ALL (weights);
        ELSIF one_user AND wait THEN
            is_odd := true;
        ELSIF one_user THEN
            RETURN NEXT (NULL, 'busy', array_fill(NULL::timestamptz, ARRAY[calls]), NULL, NULL, NULL)::sluice.decisions;
            RETURN;
        ELSE
            -- Nobody waits here, so no order of locks is needed.
            SELECT array_agg(c."position") FILTER (WHERE c.is_mine), array_agg(c."position") FILTER (WHERE NOT c.is_mine), count(DISTINCT c.u)
            INTO free, busy, users
            FROM (
                SELECT u."position"::integer, u.u, pg_try_advisory_xact_lock(1936487795, sluice.lock_key(u.u)) AS is_mine
                FROM unnest(user_ids) WITH ORDINALITY AS u(u, "position") OFFSET 0
            ) AS c;
            is_odd := users < calls;
            IF busy IS NULL THEN
                free := NULL;
            ELSE
                RETURN NEXT (busy, 'busy', array_fill(NULL::timestamptz, ARRAY[cardinality(busy)]), NULL, NULL, NULL)::sluice.decisions;
                IF free IS NULL THEN
                    RETURN;
                END IF;
                calls := cardinality(free);
                SELECT array_agg(c.user_id), array_agg(c.call_id), array_agg(c.weight),
                    CASE WHEN routes IS NOT NULL THEN array_agg(c.route) END, CASE WHEN models IS NOT NULL THEN array_agg(c.model) END,
                    CASE WHEN origins IS NOT NULL THEN array_agg((c.key_id, c.logical_id, c.attempt, c.reserved_input, c.reserved_output,
                        c.reserved_cost)::sluice.call_origin) END
                INTO user_ids, call_ids, weights, routes, models, origins
                FROM unnest(user_ids, call_ids, weights, routes, models, origins) WITH ORDINALITY AS c(user_id, call_id, weight, route,
                    model, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
                WHERE c."position" = ANY (free);
            END IF;
        END IF;
        clock := sluice.clock();
        is_odd := is_odd OR NOT sluice.is_near(clock, user_ids, lengths);
    ELSE
        is_odd := true;
    END IF;
    span := lengths[1] * tick;
    after := clock - span;

    IF NOT is_odd AND one_user THEN
        DECLARE
            newest_at timestamptz;
            newest_total bigint;
            newest_since timestamptz;
            oldest_at timestamptz;
            oldest_since timestamptz;
            base bigint;
            taken bigint;
        BEGIN
            SELECT l.admitted_at, l.running_total, l.total_since INTO newest_at, newest_total, newest_since FROM sluice.near AS l
            WHERE l.user_id = user_ids[1] AND l.admitted_at > after AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1;
            clock := greatest(clock, newest_at + tick);
            after := clock - span;
            IF newest_total IS NOT NULL THEN
                SELECT l.admitted_at, l.running_total - l.weight, l.total_since INTO oldest_at, base, oldest_since FROM sluice.near AS l
                WHERE l.user_id = user_ids[1] AND l.admitted_at > after AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at LIMIT 1;
            END IF;
            taken := coalesce(newest_total - base, 0);
            IF (oldest_since <> newest_since) IS NOT TRUE AND taken + calls * weights[1] <= quota
                AND clock + calls * tick < sluice.open_until()
            THEN
                INSERT INTO sluice.open_partition (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
                    id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
                SELECT user_ids[1], clock + (s."position" - 1) * tick, s.call_id, weights[1],
                    coalesce(newest_total, 0) + s."position" * weights[1], coalesce(newest_since, clock), policy_id, 'enforced', false,
                    s.route, s.model, replica, s.key_id, s.logical_id, s.attempt, s.reserved_input, s.reserved_output, s.reserved_cost
                FROM unnest(call_ids, routes, models, origins) WITH ORDINALITY AS s(call_id, route, model, key_id, logical_id, attempt,
                    reserved_input, reserved_output, reserved_cost, "position");
                RETURN QUERY
                SELECT NULL::integer[], 'admitted', array_agg(clock + (n - 1) * tick), NULL::timestamptz[],
                    array_agg(taken + n * weights[1]), array_fill(span + coalesce(oldest_at, clock), ARRAY[calls])
                FROM generate_series(1, calls) AS n;
                RETURN;
            END IF;
        END;
    ELSIF NOT is_odd THEN
        -- total is null for those that are not admitted.
        SELECT array_agg(s.at), array_agg(s.used), array_agg(CASE WHEN s.used <= quota THEN s.total END), array_agg(s.since),
            array_agg(s.reset_at), bool_or(s.is_odd) OR max(s.at) >= sluice.open_until(),
            array_agg(s."position"::integer) FILTER (WHERE s.used > quota)
        INTO at, used, total, since, reset_at, is_odd, rest
        FROM (
            SELECT c."position", greatest(clock, n.admitted_at + tick) AS at, coalesce(n.running_total - o.base, 0) + c.weight AS used,
                coalesce(n.running_total, 0) + c.weight AS total, coalesce(n.total_since, clock) AS since,
                span + coalesce(o.admitted_at, greatest(clock, n.admitted_at + tick)) AS reset_at,
                coalesce(o.total_since <> n.total_since, false) AS is_odd
            FROM unnest(user_ids, weights) WITH ORDINALITY AS c(user_id, weight, "position")
            LEFT JOIN LATERAL (
                SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.near AS l
                WHERE l.user_id = c.user_id AND l.admitted_at > after AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at DESC LIMIT 1
            ) AS n ON true
            LEFT JOIN LATERAL (
                SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.near AS l
                WHERE n.running_total IS NOT NULL AND l.user_id = c.user_id
                    AND l.admitted_at > greatest(after, n.admitted_at + tick - span) AND l.running_total IS NOT NULL
                ORDER BY l.admitted_at LIMIT 1
            ) AS o ON true
        ) AS s;
        IF NOT is_odd THEN
            INSERT INTO sluice.open_partition (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
                id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
            SELECT s.user_id, s.at, s.call_id, s.weight, s.total, s.since, policy_id, 'enforced', false, s.route, s.model, replica,
                s.key_id, s.logical_id, s.attempt, s.reserved_input, s.reserved_output, s.reserved_cost
            FROM unnest(user_ids, at, call_ids, weights, total, since, routes, models, origins) AS s(user_id, at, call_id, weight,
                total, since, route, model, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
            WHERE s.total IS NOT NULL;
            IF rest IS NULL THEN
                RETURN NEXT (free, 'admitted', at, NULL, used, reset_at)::sluice.decisions;
                RETURN;
            END IF;
            IF cardinality(rest) < calls THEN
                RETURN QUERY
                SELECT array_agg(coalesce(free[s."position"], s."position"::integer)), 'admitted', array_agg(s.at), NULL::timestamptz[], array_agg(s.used), array_agg(s.reset_at)
                FROM unnest(at, used, reset_at, total) WITH ORDINALITY AS s(at, used, reset_at, total, "position")
                WHERE s.total IS NOT NULL;
            END IF;
            -- When these fit again takes a closer look at each.
            RETURN QUERY
            SELECT array_agg(coalesce(free[rest[d."position"]], rest[d."position"])), d.outcome, array_agg(d.decided_at), array_agg(d.retry_at), array_agg(d.used[1]),
                array_agg(d.reset_at[1])
            FROM sluice.decide_each_recent(clock, (SELECT array_agg(user_ids[r] ORDER BY r) FROM unnest(rest) AS r),
                (SELECT array_agg(call_ids[r] ORDER BY r) FROM unnest(rest) AS r), array_fill(false, ARRAY[cardinality(rest)]),
                (SELECT array_agg(weights[r] ORDER BY r) FROM unnest(rest) AS r), NULL, NULL, NULL, quota, lengths[1], policy_id, replica) AS d
            GROUP BY d.outcome;
            RETURN;
        END IF;
    END IF;

    IF one_user THEN
        RETURN QUERY
        SELECT ARRAY[d."position"], d.outcome, ARRAY[d.decided_at], ARRAY[d.retry_at], d.used, d.reset_at
        FROM unnest(sluice.admit_user(user_ids[1], call_ids, coalesce(supplied, array_fill(false, ARRAY[calls])), weights,
            coalesce(routes, array_fill(NULL::text, ARRAY[calls])), coalesce(models, array_fill(NULL::text, ARRAY[calls])),
            coalesce(origins, array_fill(NULL::sluice.call_origin, ARRAY[calls])), limits, lengths, policy_id, replica, wait)) AS d;
    ELSE
        RETURN QUERY
        SELECT ARRAY[coalesce(free[d."position"], d."position")], d.outcome, ARRAY[d.decided_at], ARRAY[d.retry_at], d.used, d.reset_at
        FROM sluice.admit_many(user_ids, call_ids, coalesce(supplied, array_fill(false, ARRAY[calls])), weights,
            coalesce(routes, array_fill(NULL::text, ARRAY[calls])), coalesce(models, array_fill(NULL::text, ARRAY[calls])),
            coalesce(origins, array_fill(NULL::sluice.call_origin, ARRAY[calls])), limits, lengths, policy_id, replica) AS d;
    END IF;
END
$$;

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
        c.is_near AND coalesce(n.running_total - o.base, 0) + weight <= limits[1] AND (o.total_since <> n.total_since) IS NOT TRUE
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
    EXECUTE 'CREATE OR REPLACE VIEW sluice.recent AS ' || array_to_string(bounds.names, ' UNION ALL ');
    EXECUTE 'CREATE OR REPLACE VIEW sluice.near AS ' || array_to_string(bounds.names[:bounds.open_nr], ' UNION ALL ');
    -- A month may hold all that is ahead.
    EXECUTE 'CREATE OR REPLACE VIEW sluice.later AS ' || coalesce(
        nullif(array_to_string(bounds.names[bounds.open_nr + 1:], ' UNION ALL '), ''), 'SELECT * FROM sluice.calls WHERE false');
    EXECUTE 'CREATE OR REPLACE VIEW sluice.open_partition AS ' || bounds.names[bounds.open_nr];
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

SELECT sluice.grant_privileges();
