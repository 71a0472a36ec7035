-- The schema as all migrations leave it, as pg_dump of PostgreSQL 15 prints it: for people who read; nothing loads it.
-- Left out: partitions, owners, and what sluice.cover_recent replaces day by day. Made by bin/schema, not edited.

CREATE SCHEMA sluice;

CREATE TYPE sluice.api_key AS (
	key_id uuid,
	prefix text,
	name text,
	user_id uuid,
	role text,
	created_at timestamp with time zone,
	expires_at timestamp with time zone,
	revoked_at timestamp with time zone,
	last_used_at timestamp with time zone
);

CREATE TYPE sluice.calendar_unit AS ENUM (
    'hour',
    'day',
    'week',
    'month'
);

CREATE TYPE sluice.call_mode AS ENUM (
    'enforced',
    'unchecked',
    'shadow'
);

CREATE TYPE sluice.call_origin AS (
	key_id uuid,
	logical_id uuid,
	attempt smallint,
	reserved_input bigint,
	reserved_output bigint,
	reserved_cost bigint
);

COMMENT ON TYPE sluice.call_origin IS 'Where a call came from and what was set aside for it: the columns of the same names in sluice.calls.';

CREATE TYPE sluice.decision AS (
	"position" integer,
	call_id uuid,
	outcome text,
	decided_at timestamp with time zone,
	retry_at timestamp with time zone,
	used bigint[],
	reset_at timestamp with time zone[]
);

COMMENT ON TYPE sluice.decision IS 'The answer to one call. outcome: admitted; replayed (the ledger already held this call id; used is null if it was let through unchecked); refused (retry_at says until when); never_fits; busy (another transaction holds the user''s lock: nothing was decided); undecided (by admit_many only: nothing was decided, ask admit_user). used and reset_at have one element per window, after the call; used may be an understatement where unchecked calls take more than 1,000 beyond the limit.';

CREATE TYPE sluice.decisions AS (
	positions integer[],
	outcome text,
	decided_at timestamp with time zone[],
	retry_at timestamp with time zone[],
	used bigint[],
	reset_at timestamp with time zone[]
);

COMMENT ON TYPE sluice.decisions IS 'The answers of one outcome to the calls of a batch, see sluice.decision. positions: their places in the batch, from 1; null if these are all of them, in order. used and reset_at: the windows of the first call, then those of the second, and so on; null where the answer does not say. retry_at is null if no call of them was refused.';

CREATE TYPE sluice.outage_behavior AS ENUM (
    'open',
    'bounded',
    'closed'
);

CREATE TYPE sluice.policy_mode AS ENUM (
    'enforce',
    'shadow',
    'off'
);

CREATE TYPE sluice.policy_resource AS ENUM (
    'requests',
    'tokens',
    'usd',
    'concurrent'
);

CREATE TYPE sluice.price_row AS (
	price_id integer,
	model text,
	input bigint,
	cached bigint,
	cache_write bigint,
	output bigint,
	valid_from timestamp with time zone
);

CREATE TYPE sluice.recording AS (
	"position" integer,
	outcome text
);

COMMENT ON TYPE sluice.recording IS 'What became of one call. outcome: recorded; known (the ledger held it already); busy (another transaction holds the user''s lock: bring it again).';

CREATE TYPE sluice.settlement_basis AS ENUM (
    'reported',
    'measured',
    'estimated',
    'drained',
    'expired'
);

CREATE TYPE sluice.settling AS (
	"position" integer,
	outcome text,
	cost bigint
);

COMMENT ON TYPE sluice.settling IS 'What became of one settlement. outcome: settled; corrected (what was there rested on less: a row with the difference was added); known (the ledger held it already); busy (another transaction holds the lock on the user''s settlements: bring it again); no_call (there is no such call; only where admitted_at is null). cost is in nano-USD, null where there is no price.';

CREATE TYPE sluice.window_state AS (
	at timestamp with time zone,
	newest_at timestamp with time zone,
	total bigint,
	total_since timestamp with time zone,
	used bigint[],
	oldest_at timestamp with time zone[],
	base bigint[],
	has_unchecked boolean
);

CREATE TABLE sluice.seals (
    seal_no bigint NOT NULL,
    ledger text NOT NULL,
    day date NOT NULL,
    amendment integer NOT NULL,
    format smallint NOT NULL,
    row_count bigint NOT NULL,
    digest bytea NOT NULL,
    late_count bigint NOT NULL,
    late_digest bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    previous bytea NOT NULL,
    chain bytea NOT NULL,
    CONSTRAINT seals_hold_sha256 CHECK (((octet_length(digest) = 32) AND (octet_length(late_digest) = 32) AND (octet_length(previous) = 32) AND (octet_length(chain) = 32))),
    CONSTRAINT seals_in_range CHECK (((seal_no >= 1) AND (amendment >= 0) AND (row_count >= 0) AND (late_count >= 0))),
    CONSTRAINT seals_ledger_known CHECK ((ledger = ANY (ARRAY['calls'::text, 'settlements'::text])))
);

COMMENT ON TABLE sluice.seals IS 'Digests of the UTC days of the ledger that are over, in a chain. Append-only.';

COMMENT ON COLUMN sluice.seals.seal_no IS 'From 1 without gaps, in the order of the chain.';

COMMENT ON COLUMN sluice.seals.ledger IS 'The table whose rows are sealed.';

COMMENT ON COLUMN sluice.seals.day IS 'The UTC day of admitted_at or settled_at.';

COMMENT ON COLUMN sluice.seals.amendment IS '0 for the seal of the day; 1, 2, … for unchecked calls that came after it.';

COMMENT ON COLUMN sluice.seals.format IS 'How rows become bytes; 1 is the only one.';

COMMENT ON COLUMN sluice.seals.row_count IS 'Rows that cannot come late: settlements, and calls that were decided in order.';

COMMENT ON COLUMN sluice.seals.digest IS 'SHA-256 for those rows.';

COMMENT ON COLUMN sluice.seals.late_count IS 'Unchecked calls that no earlier seal of the day has.';

COMMENT ON COLUMN sluice.seals.late_digest IS 'SHA-256 for those rows.';

COMMENT ON COLUMN sluice.seals.sealed_at IS 'When, by this database''s clock.';

COMMENT ON COLUMN sluice.seals.previous IS 'chain of the seal before; zeros for the first.';

COMMENT ON COLUMN sluice.seals.chain IS 'SHA-256 over everything in this seal.';

CREATE FUNCTION sluice.add_seal(ledger text, day date, amendment integer) RETURNS sluice.seals
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    newest sluice.seals;
    seal sluice.seals;
    nothing CONSTANT bytea := sha256(''::bytea);
BEGIN
    SELECT s.* INTO newest FROM sluice.seals AS s ORDER BY s.seal_no DESC LIMIT 1;
    seal.seal_no := coalesce(newest.seal_no, 0) + 1;
    seal.ledger := add_seal.ledger;
    seal.day := add_seal.day;
    seal.amendment := add_seal.amendment;
    seal.format := 1;
    seal.row_count := 0;
    seal.digest := nothing;
    seal.late_count := 0;
    seal.late_digest := nothing;
    seal.sealed_at := sluice.clock();
    seal.previous := coalesce(newest.chain, decode(repeat('00', 32), 'hex'));
    IF amendment = 0 THEN
        SELECT p.row_count, p.digest INTO seal.row_count, seal.digest
        FROM sluice.seal_part(seal.seal_no, ledger, day, false) AS p;
    END IF;
    IF ledger = 'calls' THEN
        INSERT INTO sluice.seal_late_calls (seal_no, user_id, admitted_at, call_id)
        SELECT seal.seal_no, c.user_id, c.admitted_at, c.call_id
        FROM sluice.unsealed_late_calls(day, day + 1) AS c;
        SELECT p.row_count, p.digest INTO seal.late_count, seal.late_digest
        FROM sluice.seal_part(seal.seal_no, ledger, day, true) AS p;
    END IF;
    seal.chain := sha256(convert_to(sluice.seal_line(seal) || E'\n', 'UTF8'));
    INSERT INTO sluice.seals SELECT seal.*;
    RETURN seal;
END
$$;

COMMENT ON FUNCTION sluice.add_seal(ledger text, day date, amendment integer) IS 'Seals a day of a table of the ledger, or what came late to it.';

CREATE FUNCTION sluice.admission_of(wanted_user uuid, wanted_call uuid, clock timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    made CONSTANT timestamptz := sluice.time_of(wanted_call);
    found timestamptz;
BEGIN
    SELECT l.admitted_at INTO found FROM sluice.calls AS l
    WHERE l.user_id = wanted_user AND l.call_id = wanted_call AND l.id_supplied
        AND l.admitted_at > clock - interval '31 days'
    LIMIT 1;
    IF found IS NULL AND made > clock - interval '32 days' THEN
        -- Whoever made the id, his clock may be off by hours.
        SELECT l.admitted_at INTO found FROM sluice.calls AS l
        WHERE l.user_id = wanted_user AND l.call_id = wanted_call
            AND l.admitted_at BETWEEN made - interval '25 hours' AND made + interval '25 hours'
        LIMIT 1;
    END IF;
    RETURN found;
END
$$;

CREATE FUNCTION sluice.admit(user_id uuid, weight bigint DEFAULT 1, quota bigint DEFAULT 20, period interval DEFAULT '01:00:00'::interval, call_id uuid DEFAULT NULL::uuid, route text DEFAULT NULL::text, model text DEFAULT NULL::text) RETURNS sluice.decision
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT (sluice.admit_user(
    user_id, ARRAY[coalesce(call_id, sluice.new_call_id())], ARRAY[call_id IS NOT NULL], ARRAY[weight], ARRAY[route],
    ARRAY[model], ARRAY[NULL]::sluice.call_origin[], ARRAY[quota], ARRAY[sluice.microseconds(period)], 1, 'sql'))[1]
$$;

COMMENT ON FUNCTION sluice.admit(user_id uuid, weight bigint, quota bigint, period interval, call_id uuid, route text, model text) IS 'Decides one call and adds its row if it is admitted. Commit before you let the call through. Write SELECT * FROM sluice.admit(…), never SELECT (sluice.admit(…)).*, which would call it once per column.';

CREATE FUNCTION sluice.admit_batch(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean DEFAULT false) RETURNS SETOF sluice.decisions
    LANGUAGE plpgsql SECURITY DEFINER ROWS 2
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '100ms'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

COMMENT ON FUNCTION sluice.admit_batch(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean) IS 'As admit_many, or as admit_user where all calls are of one user, which alone may wait for the lock, at less cost and in fewer rows. supplied, routes, models and origins may be null as a whole: false, or null, for each call.';

CREATE FUNCTION sluice.admit_many(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

COMMENT ON FUNCTION sluice.admit_many(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) IS 'Decides calls of many users at once and adds the rows of those that are admitted. Waits for no lock: calls of users whose lock is held elsewhere come back as busy, and the few that need a closer look as undecided; ask admit_user about both. Rows come in any order; position is the call''s place in the arrays, from 1.';

CREATE FUNCTION sluice.admit_one(user_id uuid, call_id uuid, supplied boolean, weight bigint, route text, model text, origin sluice.call_origin, limits bigint[], lengths bigint[], policy_id integer, replica text) RETURNS sluice.decision
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '100ms'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

COMMENT ON FUNCTION sluice.admit_one(user_id uuid, call_id uuid, supplied boolean, weight bigint, route text, model text, origin sluice.call_origin, limits bigint[], lengths bigint[], policy_id integer, replica text) IS 'As admit_user with one call, without waiting: decides it and adds its row if it is admitted. lengths are microseconds. Commit before you let the call through.';

CREATE FUNCTION sluice.admit_user(user_id uuid, call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean DEFAULT true) RETURNS sluice.decision[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '100ms'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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

COMMENT ON FUNCTION sluice.admit_user(user_id uuid, call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean) IS 'Decides some calls of one user and adds the rows of those that are admitted. lengths are microseconds. Answers busy when another transaction holds the user''s lock: at once, or if wait after 100 ms. Commit before you let the call through.';

CREATE FUNCTION sluice.any_unchecked_anywhere(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) RETURNS boolean
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    after timestamptz;
BEGIN
    after := clock - greatest((SELECT max(l) FROM unnest(lengths) AS l), 3600000000) * interval '1 microsecond';
    -- Normally there are none at all, which one probe tells.
    IF NOT EXISTS (
        SELECT FROM sluice.calls AS l
        WHERE l.admitted_at > after AND l.admitted_at < ahead AND l.mode = 'unchecked')
    THEN
        RETURN false;
    END IF;
    -- LIMIT keeps it one probe a user: as a join it would read all unchecked rows there are.
    RETURN EXISTS (
        SELECT FROM unnest(user_ids) AS u(user_id) CROSS JOIN LATERAL (
            SELECT FROM sluice.calls AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NULL
            LIMIT 1) AS l);
END
$$;

CREATE FUNCTION sluice.any_unchecked_recent(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    after timestamptz;
BEGIN
    after := clock - greatest((SELECT max(l) FROM unnest(lengths) AS l), 3600000000) * interval '1 microsecond';
    -- Normally there are none at all, which one probe tells.
    IF NOT EXISTS (
        SELECT FROM sluice.recent AS l
        WHERE l.admitted_at > after AND l.admitted_at < ahead AND l.mode = 'unchecked')
    THEN
        RETURN false;
    END IF;
    -- LIMIT keeps it one probe a user: as a join it would read all unchecked rows there are.
    RETURN EXISTS (
        SELECT FROM unnest(user_ids) AS u(user_id) CROSS JOIN LATERAL (
            SELECT FROM sluice.recent AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NULL
            LIMIT 1) AS l);
END
$$;

CREATE FUNCTION sluice.await_writers(ledger text, day date) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '500ms'
    AS $$
DECLARE
    name text;
BEGIN
    SELECT b.partition INTO name FROM sluice.partition_bounds(ledger) AS b
    WHERE b.starts_at <= day::timestamp AT TIME ZONE 'UTC' AND b.ends_at > day::timestamp AT TIME ZONE 'UTC'
        AND b.ends_at <= sluice.clock();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    BEGIN
        EXECUTE format('LOCK TABLE sluice.%I IN SHARE MODE', name);
        RAISE SQLSTATE 'SL001';
    EXCEPTION WHEN SQLSTATE 'SL001' THEN
        NULL;
    END;
END
$$;

COMMENT ON FUNCTION sluice.await_writers(ledger text, day date) IS 'Returns when no transaction that added rows of a past UTC day is under way.';

CREATE FUNCTION sluice.begin_retirement(name text, keep_days integer, action text) RETURNS integer
    LANGUAGE plpgsql
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

COMMENT ON FUNCTION sluice.begin_retirement(name text, keep_days integer, action text) IS 'Checks that a partition may leave the ledger and writes down that it is about to; returns the number of that. For the owner, who detaches it then.';

CREATE TABLE sluice.calls (
    user_id uuid NOT NULL,
    admitted_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    weight bigint NOT NULL,
    running_total bigint,
    total_since timestamp with time zone,
    policy_id integer NOT NULL,
    mode sluice.call_mode NOT NULL,
    id_supplied boolean NOT NULL,
    route text,
    model text,
    replica text,
    key_id uuid,
    logical_id uuid,
    attempt smallint,
    reserved_input bigint,
    reserved_output bigint,
    reserved_cost bigint,
    CONSTRAINT calls_attempt_in_range CHECK ((attempt >= 0)),
    CONSTRAINT calls_reservation_in_range CHECK (((LEAST(reserved_input, reserved_output, reserved_cost) >= 0) AND (GREATEST(reserved_input, reserved_output, reserved_cost) <= '1000000000000'::bigint))),
    CONSTRAINT calls_total_has_start CHECK (((running_total IS NULL) = (total_since IS NULL))),
    CONSTRAINT calls_total_holds_weight CHECK ((running_total >= weight)),
    CONSTRAINT calls_unchecked_has_no_total CHECK (((mode = 'unchecked'::sluice.call_mode) = (running_total IS NULL))),
    CONSTRAINT calls_weight_in_range CHECK (((weight >= 1) AND (weight <= 1000000000)))
)
PARTITION BY RANGE (admitted_at);

COMMENT ON TABLE sluice.calls IS 'One row per call that was let through. Append-only: rows leave only with their whole partition.';

COMMENT ON COLUMN sluice.calls.user_id IS 'Whose window the call counts in.';

COMMENT ON COLUMN sluice.calls.admitted_at IS 'By this database''s clock, strictly increasing for a user; of an unchecked row, by the clock of the replica that let it through.';

COMMENT ON COLUMN sluice.calls.call_id IS 'UUID version 7, made by the client, so that a retry is recognised as the same call.';

COMMENT ON COLUMN sluice.calls.weight IS 'How much of the window the call takes.';

COMMENT ON COLUMN sluice.calls.running_total IS 'Sum of the weights of the user''s enforced rows from total_since up to and including this one; null for rows that were never counted in order.';

COMMENT ON COLUMN sluice.calls.total_since IS 'admitted_at of the row at which running_total began. Totals of two rows may be subtracted only where this is equal.';

COMMENT ON COLUMN sluice.calls.policy_id IS 'The policy that decided; 1 is the built-in default.';

COMMENT ON COLUMN sluice.calls.mode IS 'enforced: counted before it was let through. unchecked: let through while the database could not decide, recorded later. shadow: counted, never refused.';

COMMENT ON COLUMN sluice.calls.id_supplied IS 'The caller chose call_id, so it may come again and is looked up.';

COMMENT ON COLUMN sluice.calls.route IS 'What was called, in the caller''s words.';

COMMENT ON COLUMN sluice.calls.model IS 'The model that was asked for.';

COMMENT ON COLUMN sluice.calls.replica IS 'The replica of the service that let the call through.';

COMMENT ON COLUMN sluice.calls.key_id IS 'The API key that the caller presented, in sluice.api_keys; null for a token, and for calls of which others told.';

COMMENT ON COLUMN sluice.calls.logical_id IS 'The same for all attempts of a client at one call; each attempt that reaches a model is a row.';

COMMENT ON COLUMN sluice.calls.attempt IS '0 for the first attempt, then as the client counts its retries.';

COMMENT ON COLUMN sluice.calls.reserved_input IS 'Tokens of the question, as estimated at admission. Not null: the call is open until it is settled or its lease ends.';

COMMENT ON COLUMN sluice.calls.reserved_output IS 'Tokens of the answer at most, as estimated at admission.';

COMMENT ON COLUMN sluice.calls.reserved_cost IS 'Nano-USD at most, by the prices of the moment; null where no price was known.';

CREATE FUNCTION sluice.call_line(r sluice.calls) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
SELECT concat_ws(E'\t', r.user_id, r.admitted_at, r.call_id, r.weight, coalesce(r.running_total::text, '\N'),
    coalesce(r.total_since::text, '\N'), r.policy_id, r.mode, CASE WHEN r.id_supplied THEN 't' ELSE 'f' END,
    sluice.copy_text(r.route), sluice.copy_text(r.model), sluice.copy_text(r.replica), coalesce(r.key_id::text, '\N'),
    coalesce(r.logical_id::text, '\N'), coalesce(r.attempt::text, '\N'), coalesce(r.reserved_input::text, '\N'),
    coalesce(r.reserved_output::text, '\N'), coalesce(r.reserved_cost::text, '\N'))
$$;

COMMENT ON FUNCTION sluice.call_line(r sluice.calls) IS 'A row as COPY writes it, in format 1 of the seals, without the line feed.';

CREATE FUNCTION sluice.carry_spend(wanted_day date, wanted_part smallint, sign integer) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO sluice.monthly_spend AS m (user_id, month, calls, weight, unchecked, settled, unpriced, input_tokens,
    cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd)
SELECT d.user_id, date_trunc('month', wanted_day::timestamp)::date, sign * sum(d.calls), sign * sum(d.weight),
    sign * sum(d.unchecked), sign * sum(d.settled), sign * sum(d.unpriced), sign * sum(d.input_tokens),
    sign * sum(d.cached_tokens), sign * sum(d.cache_write_tokens), sign * sum(d.output_tokens),
    sign * sum(d.reasoning_tokens), sign * sum(d.cost_nanousd)
FROM sluice.daily_spend AS d WHERE d.day = wanted_day AND d.part = wanted_part
GROUP BY d.user_id
ON CONFLICT (user_id, month) DO UPDATE SET calls = m.calls + excluded.calls, weight = m.weight + excluded.weight,
    unchecked = m.unchecked + excluded.unchecked, settled = m.settled + excluded.settled,
    unpriced = m.unpriced + excluded.unpriced, input_tokens = m.input_tokens + excluded.input_tokens,
    cached_tokens = m.cached_tokens + excluded.cached_tokens,
    cache_write_tokens = m.cache_write_tokens + excluded.cache_write_tokens,
    output_tokens = m.output_tokens + excluded.output_tokens,
    reasoning_tokens = m.reasoning_tokens + excluded.reasoning_tokens, cost_nanousd = m.cost_nanousd + excluded.cost_nanousd;
INSERT INTO sluice.daily_model_spend AS m (day, model, calls, weight, unchecked, settled, unpriced, input_tokens,
    cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd)
SELECT wanted_day, d.model, sign * sum(d.calls), sign * sum(d.weight), sign * sum(d.unchecked), sign * sum(d.settled),
    sign * sum(d.unpriced), sign * sum(d.input_tokens), sign * sum(d.cached_tokens), sign * sum(d.cache_write_tokens),
    sign * sum(d.output_tokens), sign * sum(d.reasoning_tokens), sign * sum(d.cost_nanousd)
FROM sluice.daily_spend AS d WHERE d.day = wanted_day AND d.part = wanted_part
GROUP BY d.model
ON CONFLICT (day, model) DO UPDATE SET calls = m.calls + excluded.calls, weight = m.weight + excluded.weight,
    unchecked = m.unchecked + excluded.unchecked, settled = m.settled + excluded.settled,
    unpriced = m.unpriced + excluded.unpriced, input_tokens = m.input_tokens + excluded.input_tokens,
    cached_tokens = m.cached_tokens + excluded.cached_tokens,
    cache_write_tokens = m.cache_write_tokens + excluded.cache_write_tokens,
    output_tokens = m.output_tokens + excluded.output_tokens,
    reasoning_tokens = m.reasoning_tokens + excluded.reasoning_tokens, cost_nanousd = m.cost_nanousd + excluded.cost_nanousd;
$$;

COMMENT ON FUNCTION sluice.carry_spend(wanted_day date, wanted_part smallint, sign integer) IS 'Adds a part of a day to the sums over it, or takes it away (sign -1).';

CREATE FUNCTION sluice.check_calls(call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[]) RETURNS void
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

CREATE FUNCTION sluice.check_ledger() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '100ms'
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

CREATE FUNCTION sluice.clock() RETURNS timestamp with time zone
    LANGUAGE sql PARALLEL SAFE
    AS $$SELECT pg_catalog.clock_timestamp()$$;

COMMENT ON FUNCTION sluice.clock() IS 'The one clock of every decision, read after the user''s lock is held. now() is the start of the transaction, before the wait for the lock.';

CREATE FUNCTION sluice.copy_text(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
SELECT CASE
    WHEN value IS NULL THEN '\N'
    WHEN value !~ E'[\\\\\b\t\n\x0B\f\r]' THEN value
    ELSE replace(replace(replace(replace(replace(replace(replace(value,
        '\', '\\'), E'\b', '\b'), E'\t', '\t'), E'\n', '\n'), E'\x0B', '\v'), E'\f', '\f'), E'\r', '\r')
END
$$;

COMMENT ON FUNCTION sluice.copy_text(value text) IS 'A text, or null, as COPY writes it in text format.';

CREATE FUNCTION sluice.cover_recent(longest interval DEFAULT '01:00:00'::interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '50ms'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
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

COMMENT ON FUNCTION sluice.cover_recent(longest interval) IS 'Moves sluice.recent and its parts on to the partitions around now, wide enough for windows up to this long (7 days at most); true if they moved. Run by maintenance; decisions are right without it, only slower. Fails with lock_not_available rather than hold up admissions.';

CREATE FUNCTION sluice.create_key(digest bytea, prefix text, name text, user_id uuid, role text, lifetime interval DEFAULT NULL::interval) RETURNS SETOF sluice.api_key
    LANGUAGE sql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
INSERT INTO sluice.api_keys AS k (digest, prefix, name, user_id, role, expires_at)
VALUES (digest, prefix, name, user_id, role, sluice.clock() + lifetime)
RETURNING k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
$$;

COMMENT ON FUNCTION sluice.create_key(digest bytea, prefix text, name text, user_id uuid, role text, lifetime interval) IS 'Keeps a new key. Pass the SHA-256 of the key, which itself is never sent to the database.';

CREATE FUNCTION sluice.current_prices() RETURNS SETOF sluice.price_row
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT p.price_id, p.model, p.input, p.cached, p.cache_write, p.output, p.valid_from
FROM sluice.prices AS p WHERE sluice.clock() >= p.valid_from AND sluice.clock() < p.valid_until
ORDER BY p.model
$$;

COMMENT ON FUNCTION sluice.current_prices() IS 'The prices of this moment, in nano-USD per million tokens.';

CREATE FUNCTION sluice.decide_anywhere(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    tightest bigint;
    after timestamptz;
BEGIN
    SELECT min(l) INTO tightest FROM unnest(limits) AS l;
    SELECT clock - max(l) * tick INTO after FROM unnest(lengths) AS l;
    RETURN QUERY
    -- 1. The calls.
    WITH call AS MATERIALIZED (
        SELECT c.* FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
    ),
    -- 2. One row a user: the newest enforced row, and so the moment of the decision.
    newest AS MATERIALIZED (
        SELECT u.user_id, n.admitted_at AS newest_at, n.running_total AS total, n.total_since,
            greatest(clock, n.admitted_at + tick) AS at
        FROM (SELECT DISTINCT c.user_id FROM call AS c) AS u
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.calls AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
    ),
    -- 3. One row a user and window: the oldest row in it, and so the weight in it.
    window_of AS MATERIALIZED (
        SELECT n.user_id, w.nr, w.quota, w.length, coalesce(n.total - o.base, 0) AS used,
            o.admitted_at AS oldest_at,
            o.base AS base, o.total_since <> n.total_since AS is_broken
        FROM newest AS n
        CROSS JOIN unnest(limits, lengths) WITH ORDINALITY AS w(quota, length, nr)
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.calls AS l
            WHERE n.total IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS o ON true
    ),
    -- 4. One row a user again: what all windows together leave room for.
    state AS MATERIALIZED (
        SELECT n.user_id, n.at, n.newest_at, n.total, n.total_since, w.used, w.oldest_at, w.room,
            w.is_broken AS is_odd
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
            coalesce(t.total_since, t.at), decide_anywhere.policy_id, 'enforced', t.supplied, t.route, t.model,
            decide_anywhere.replica, t.key_id, t.logical_id, t.attempt, t.reserved_input, t.reserved_output,
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
            ELSE sluice.total_reached_at(
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
$$;

CREATE FUNCTION sluice.decide_each_anywhere(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], quota bigint, length bigint, policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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
            SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.calls AS l
            WHERE l.user_id = c.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.calls AS l
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
            decide_each_anywhere.policy_id, 'enforced', s.supplied, s.route, s.model, decide_each_anywhere.replica,
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
$$;

CREATE FUNCTION sluice.decide_each_recent(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], quota bigint, length bigint, policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql
    AS $$
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
            SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.recent AS l
            WHERE l.user_id = c.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.recent AS l
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
            decide_each_recent.policy_id, 'enforced', s.supplied, s.route, s.model, decide_each_recent.replica,
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
$$;

CREATE FUNCTION sluice.decide_mixed_anywhere(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    tightest bigint;
    after timestamptz;
    -- See above: an hour at least.
    late_after timestamptz;
    -- As in window_state.
    reach bigint;
BEGIN
    SELECT min(l) INTO tightest FROM unnest(limits) AS l;
    SELECT clock - max(l) * tick INTO after FROM unnest(lengths) AS l;
    late_after := least(after, clock - interval '1 hour');
    SELECT max(l) + 1001 INTO reach FROM unnest(limits) AS l;
    RETURN QUERY
    -- 1. The calls.
    WITH call AS MATERIALIZED (
        SELECT c.* FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
    ),
    -- Calls that were recorded as unchecked before their question came here.
    late AS MATERIALIZED (
        SELECT c.user_id FROM call AS c CROSS JOIN LATERAL (
            SELECT FROM sluice.calls AS l
            WHERE l.user_id = c.user_id AND l.call_id = c.call_id AND l.total_since IS NULL
                AND l.admitted_at > late_after AND l.admitted_at < ahead
            LIMIT 1) AS l
    ),
    -- 2. One row a user: the newest enforced row, and so the moment of the decision.
    newest AS MATERIALIZED (
        SELECT u.user_id, n.admitted_at AS newest_at, n.running_total AS total, n.total_since,
            greatest(clock, n.admitted_at + tick) AS at,
            -- A row ahead of its user's time, or a call that is here already: admit_user looks closer.
            x.is_ahead IS NOT NULL OR u.user_id = ANY (ARRAY(SELECT l.user_id FROM late AS l)) AS is_close
        FROM (SELECT DISTINCT c.user_id FROM call AS c) AS u
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total, l.total_since FROM (
                SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.calls AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                ORDER BY l.admitted_at DESC LIMIT reach) AS l WHERE l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
        LEFT JOIN LATERAL (
            SELECT true AS is_ahead FROM sluice.calls AS l
            WHERE l.user_id = u.user_id AND l.admitted_at >= greatest(clock, n.admitted_at + tick)
                AND l.admitted_at < ahead AND l.running_total IS NULL
            LIMIT 1
        ) AS x ON true
    ),
    -- 3. One row a user and window: the oldest row in it, and so the weight in it.
    window_of AS MATERIALIZED (
        SELECT n.user_id, w.nr, w.quota, w.length, coalesce(n.total - o.base, 0) + coalesce(x.weight, 0) AS used,
            least(y.oldest_at, o.admitted_at) AS oldest_at,
            CASE WHEN x.weight IS NULL THEN o.base END AS base, o.total_since <> n.total_since AS is_broken
        FROM newest AS n
        CROSS JOIN unnest(limits, lengths) WITH ORDINALITY AS w(quota, length, nr)
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM (
                SELECT l.admitted_at, l.running_total, l.weight, l.total_since FROM sluice.calls AS l
            WHERE n.total IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead
                ORDER BY l.admitted_at LIMIT reach) AS l WHERE l.running_total IS NOT NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS o ON true
        LEFT JOIN LATERAL (
            -- Not more than matters, as in window_state.
            SELECT sum(s.weight)::bigint AS weight FROM (
                SELECT l.weight FROM sluice.calls AS l
                WHERE l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                    AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NULL
                ORDER BY l.admitted_at DESC LIMIT reach
            ) AS s
        ) AS x ON true
        LEFT JOIN LATERAL (
            SELECT l.admitted_at AS oldest_at FROM sluice.calls AS l
            WHERE x.weight IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS y ON true
    ),
    -- 4. One row a user again: what all windows together leave room for.
    state AS MATERIALIZED (
        SELECT n.user_id, n.at, n.newest_at, n.total, n.total_since, w.used, w.oldest_at, w.room,
            w.is_broken OR n.is_close AS is_odd
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
            coalesce(t.total_since, t.at), decide_mixed_anywhere.policy_id, 'enforced', t.supplied, t.route, t.model,
            decide_mixed_anywhere.replica, t.key_id, t.logical_id, t.attempt, t.reserved_input, t.reserved_output,
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
            WHEN w.base IS NULL THEN sluice.weight_left_at(
                r.user_id, r.at - w.length * tick, r.at, w.used + r.taken + r.weight - w.quota,
                w.quota - r.taken - r.weight)
            ELSE sluice.total_reached_at(
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
$$;

CREATE FUNCTION sluice.decide_mixed_recent(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql
    AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    tightest bigint;
    after timestamptz;
    -- See above: an hour at least.
    late_after timestamptz;
    -- As in window_state.
    reach bigint;
BEGIN
    SELECT min(l) INTO tightest FROM unnest(limits) AS l;
    SELECT clock - max(l) * tick INTO after FROM unnest(lengths) AS l;
    late_after := least(after, clock - interval '1 hour');
    SELECT max(l) + 1001 INTO reach FROM unnest(limits) AS l;
    RETURN QUERY
    -- 1. The calls.
    WITH call AS MATERIALIZED (
        SELECT c.* FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
    ),
    -- Calls that were recorded as unchecked before their question came here.
    late AS MATERIALIZED (
        SELECT c.user_id FROM call AS c CROSS JOIN LATERAL (
            SELECT FROM sluice.recent AS l
            WHERE l.user_id = c.user_id AND l.call_id = c.call_id AND l.total_since IS NULL
                AND l.admitted_at > late_after AND l.admitted_at < ahead
            LIMIT 1) AS l
    ),
    -- 2. One row a user: the newest enforced row, and so the moment of the decision.
    newest AS MATERIALIZED (
        SELECT u.user_id, n.admitted_at AS newest_at, n.running_total AS total, n.total_since,
            greatest(clock, n.admitted_at + tick) AS at,
            -- A row ahead of its user's time, or a call that is here already: admit_user looks closer.
            x.is_ahead IS NOT NULL OR u.user_id = ANY (ARRAY(SELECT l.user_id FROM late AS l)) AS is_close
        FROM (SELECT DISTINCT c.user_id FROM call AS c) AS u
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total, l.total_since FROM (
                SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.recent AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                ORDER BY l.admitted_at DESC LIMIT reach) AS l WHERE l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
        LEFT JOIN LATERAL (
            SELECT true AS is_ahead FROM sluice.recent AS l
            WHERE l.user_id = u.user_id AND l.admitted_at >= greatest(clock, n.admitted_at + tick)
                AND l.admitted_at < ahead AND l.running_total IS NULL
            LIMIT 1
        ) AS x ON true
    ),
    -- 3. One row a user and window: the oldest row in it, and so the weight in it.
    window_of AS MATERIALIZED (
        SELECT n.user_id, w.nr, w.quota, w.length, coalesce(n.total - o.base, 0) + coalesce(x.weight, 0) AS used,
            least(y.oldest_at, o.admitted_at) AS oldest_at,
            CASE WHEN x.weight IS NULL THEN o.base END AS base, o.total_since <> n.total_since AS is_broken
        FROM newest AS n
        CROSS JOIN unnest(limits, lengths) WITH ORDINALITY AS w(quota, length, nr)
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM (
                SELECT l.admitted_at, l.running_total, l.weight, l.total_since FROM sluice.recent AS l
            WHERE n.total IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead
                ORDER BY l.admitted_at LIMIT reach) AS l WHERE l.running_total IS NOT NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS o ON true
        LEFT JOIN LATERAL (
            -- Not more than matters, as in window_state.
            SELECT sum(s.weight)::bigint AS weight FROM (
                SELECT l.weight FROM sluice.recent AS l
                WHERE l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                    AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NULL
                ORDER BY l.admitted_at DESC LIMIT reach
            ) AS s
        ) AS x ON true
        LEFT JOIN LATERAL (
            SELECT l.admitted_at AS oldest_at FROM sluice.recent AS l
            WHERE x.weight IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS y ON true
    ),
    -- 4. One row a user again: what all windows together leave room for.
    state AS MATERIALIZED (
        SELECT n.user_id, n.at, n.newest_at, n.total, n.total_since, w.used, w.oldest_at, w.room,
            w.is_broken OR n.is_close AS is_odd
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
            coalesce(t.total_since, t.at), decide_mixed_recent.policy_id, 'enforced', t.supplied, t.route, t.model,
            decide_mixed_recent.replica, t.key_id, t.logical_id, t.attempt, t.reserved_input, t.reserved_output,
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
            WHEN w.base IS NULL THEN sluice.weight_left_at(
                r.user_id, r.at - w.length * tick, r.at, w.used + r.taken + r.weight - w.quota,
                w.quota - r.taken - r.weight)
            ELSE sluice.total_reached_at(
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
$$;

CREATE FUNCTION sluice.decide_recent(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) RETURNS SETOF sluice.decision
    LANGUAGE plpgsql
    AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    ahead CONSTANT timestamptz := clock + interval '24 hours';
    tightest bigint;
    after timestamptz;
BEGIN
    SELECT min(l) INTO tightest FROM unnest(limits) AS l;
    SELECT clock - max(l) * tick INTO after FROM unnest(lengths) AS l;
    RETURN QUERY
    -- 1. The calls.
    WITH call AS MATERIALIZED (
        SELECT c.* FROM unnest(user_ids, call_ids, supplied, weights, routes, models, origins)
            WITH ORDINALITY AS c(user_id, call_id, supplied, weight, route, model, key_id,
                logical_id, attempt, reserved_input, reserved_output, reserved_cost, "position")
    ),
    -- 2. One row a user: the newest enforced row, and so the moment of the decision.
    newest AS MATERIALIZED (
        SELECT u.user_id, n.admitted_at AS newest_at, n.running_total AS total, n.total_since,
            greatest(clock, n.admitted_at + tick) AS at
        FROM (SELECT DISTINCT c.user_id FROM call AS c) AS u
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total, l.total_since FROM sluice.recent AS l
            WHERE l.user_id = u.user_id AND l.admitted_at > after AND l.admitted_at < ahead
                AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at DESC LIMIT 1
        ) AS n ON true
    ),
    -- 3. One row a user and window: the oldest row in it, and so the weight in it.
    window_of AS MATERIALIZED (
        SELECT n.user_id, w.nr, w.quota, w.length, coalesce(n.total - o.base, 0) AS used,
            o.admitted_at AS oldest_at,
            o.base AS base, o.total_since <> n.total_since AS is_broken
        FROM newest AS n
        CROSS JOIN unnest(limits, lengths) WITH ORDINALITY AS w(quota, length, nr)
        LEFT JOIN LATERAL (
            SELECT l.admitted_at, l.running_total - l.weight AS base, l.total_since FROM sluice.recent AS l
            WHERE n.total IS NOT NULL AND l.user_id = n.user_id AND l.admitted_at > n.at - w.length * tick
                AND l.admitted_at > after AND l.admitted_at < ahead AND l.running_total IS NOT NULL
            ORDER BY l.admitted_at LIMIT 1
        ) AS o ON true
    ),
    -- 4. One row a user again: what all windows together leave room for.
    state AS MATERIALIZED (
        SELECT n.user_id, n.at, n.newest_at, n.total, n.total_since, w.used, w.oldest_at, w.room,
            w.is_broken AS is_odd
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
            coalesce(t.total_since, t.at), decide_recent.policy_id, 'enforced', t.supplied, t.route, t.model,
            decide_recent.replica, t.key_id, t.logical_id, t.attempt, t.reserved_input, t.reserved_output,
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
            ELSE sluice.total_reached_at(
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
$$;

CREATE FUNCTION sluice.define_spend_open(since date) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format($view$
CREATE OR REPLACE VIEW sluice.spend_open AS
SELECT (r.at AT TIME ZONE 'UTC')::date AS day, r.user_id, r.model, r.calls, r.weight, r.unchecked, r.settled, r.unpriced,
    r.input_tokens, r.cached_tokens, r.cache_write_tokens, r.output_tokens, r.reasoning_tokens, r.cost_nanousd
FROM sluice.spend_rows AS r
WHERE r.at >= %L::timestamptz
    AND r.at >= (SELECT p.rolled_until::timestamp AT TIME ZONE 'UTC' FROM sluice.rollup_progress AS p)
$view$, since::timestamp AT TIME ZONE 'UTC');
END
$_$;

COMMENT ON FUNCTION sluice.define_spend_open(since date) IS 'Leaves partitions before a UTC day out of what reports of open days are planned over.';

CREATE FUNCTION sluice.drop_exported(name text, row_count bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '50ms'
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

COMMENT ON FUNCTION sluice.drop_exported(name text, row_count bigint) IS 'Drops a table that was written to files, if it holds as many rows as were written.';

CREATE FUNCTION sluice.ensure_ahead(unit text, ahead_days integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION sluice.ensure_ahead(unit text, ahead_days integer) IS 'Makes the missing partitions from today to so many days ahead, by day or by month; by month, to the end of the next month at least. A month that has a partition already goes on by day. Returns how many days and months it made. Does not hold up admissions.';

CREATE FUNCTION sluice.ensure_partitions(first_day date, days integer DEFAULT 1) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION sluice.ensure_partitions(first_day date, days integer) IS 'Makes the missing partitions of the ledger''s tables for some UTC days; returns for how many days it made any. Does not hold up admissions.';

CREATE FUNCTION sluice.ensure_today(clock timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
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

CREATE FUNCTION sluice.expire_calls(lease interval, at_most integer DEFAULT 1000, replica text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    now CONSTANT timestamptz := sluice.clock();
    until timestamptz := now - lease;
    progress sluice.lease_progress;
    -- As variables, so that partitions out of reach are left out when a statement is planned, not when it runs.
    since timestamptz;
    settled_since timestamptz;
    ahead CONSTANT timestamptz := now + interval '25 hours';
    late_since CONSTANT timestamptz := now - interval '7 days';
    late_until CONSTANT timestamptz := now - lease;
    late_settled_since CONSTANT timestamptz := now - interval '8 days';
    open record;
    is_late boolean;
    left_open timestamptz;
    expired integer := 0;
    done integer;
BEGIN
    IF (lease >= interval '1 second') IS NOT TRUE OR (at_most BETWEEN 1 AND 10000) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('cannot expire %s calls after a lease of %s', coalesce(at_most::text, 'null'), coalesce(lease::text, 'null')),
            HINT = 'Pass a lease of a second or more, and 1 to 10000 calls.';
    END IF;
    -- 'slls' in ASCII.
    IF NOT pg_try_advisory_xact_lock(1936485491, 0) THEN
        RETURN 0;
    END IF;
    SELECT p.* INTO STRICT progress FROM sluice.lease_progress AS p;
    is_late := progress.late_checked_at < now - interval '1 hour';
    since := progress.settled_until - interval '1 minute';
    settled_since := progress.settled_until - interval '25 hours';
    -- Rows are committed some time after the moment they carry.
    FOR open IN
        SELECT array_agg(c.user_id) AS user_ids, array_agg(c.call_id) AS call_ids, array_agg(c.admitted_at) AS admitted_ats,
            array_agg(c.model) AS models, array_agg(c.reserved_input) AS inputs,
            array_agg(coalesce(c.reserved_output, 0)) AS outputs, array_agg(0::bigint) AS zeros,
            array_agg('expired'::text) AS bases, array_agg(NULL::smallint) AS statuses, array_agg(NULL::bigint) AS durations,
            max(c.admitted_at) AS last_at, count(*) AS calls
        FROM (
            SELECT c.* FROM sluice.calls AS c
            WHERE c.reserved_input IS NOT NULL AND c.admitted_at > since
                AND c.admitted_at <= until
                AND NOT EXISTS (
                    SELECT FROM sluice.settlements AS s
                    WHERE s.user_id = c.user_id AND s.call_id = c.call_id AND s.basis <> 'reported'
                        AND s.settled_at > settled_since AND s.settled_at < ahead)
            ORDER BY c.admitted_at LIMIT at_most
        ) AS c
    LOOP
        IF open.calls > 0 THEN
            SELECT count(*) FILTER (WHERE s.outcome IN ('settled', 'corrected')),
                min(open.admitted_ats[s."position"]) FILTER (WHERE s.outcome = 'busy')
            INTO done, left_open
            FROM sluice.settle_many(open.user_ids, open.call_ids, open.admitted_ats, open.models, open.inputs, open.zeros,
                open.zeros, open.outputs, open.zeros, open.bases, open.statuses, open.durations, replica) AS s;
            expired := expired + done;
        END IF;
        IF open.calls = at_most THEN
            until := open.last_at;
        END IF;
        until := least(until, left_open - interval '1 microsecond');
    END LOOP;
    -- Calls that were recorded after an outage, with their own time, come behind that mark.
    IF is_late THEN
        FOR open IN
            SELECT array_agg(c.user_id) AS user_ids, array_agg(c.call_id) AS call_ids,
                array_agg(c.admitted_at) AS admitted_ats, array_agg(c.model) AS models, array_agg(c.reserved_input) AS inputs,
                array_agg(coalesce(c.reserved_output, 0)) AS outputs, array_agg(0::bigint) AS zeros,
                array_agg('expired'::text) AS bases, array_agg(NULL::smallint) AS statuses,
                array_agg(NULL::bigint) AS durations, count(*) AS calls
            FROM (
                SELECT c.* FROM sluice.calls AS c
                WHERE c.mode = 'unchecked' AND c.reserved_input IS NOT NULL AND c.admitted_at > late_since
                    AND c.admitted_at <= late_until
                    AND NOT EXISTS (
                        SELECT FROM sluice.settlements AS s
                        WHERE s.user_id = c.user_id AND s.call_id = c.call_id AND s.basis <> 'reported'
                            AND s.settled_at > late_settled_since AND s.settled_at < ahead)
                LIMIT at_most
            ) AS c
        LOOP
            CONTINUE WHEN open.calls = 0;
            SELECT count(*) FILTER (WHERE s.outcome IN ('settled', 'corrected')) INTO done
            FROM sluice.settle_many(open.user_ids, open.call_ids, open.admitted_ats, open.models, open.inputs, open.zeros,
                open.zeros, open.outputs, open.zeros, open.bases, open.statuses, open.durations, replica) AS s;
            expired := expired + done;
            is_late := done < open.calls OR open.calls < at_most;
        END LOOP;
    END IF;
    UPDATE sluice.lease_progress AS p SET settled_until = greatest(p.settled_until, until),
        late_checked_at = CASE WHEN is_late THEN now ELSE p.late_checked_at END;
    RETURN expired;
END
$$;

COMMENT ON FUNCTION sluice.expire_calls(lease interval, at_most integer, replica text) IS 'Settles calls of the gateway that nobody settled within their lease, with what was reserved; returns how many. Run by the maintenance of every replica; a settlement that comes later corrects it.';

CREATE FUNCTION sluice.expired_partitions(keep_days integer, at_most integer DEFAULT 100) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT b.partition FROM sluice.partition_bounds() AS b
WHERE b.ends_at <= sluice.clock() - greatest(keep_days, 31) * interval '24 hours'
    AND sluice.may_retire((b.starts_at AT TIME ZONE 'UTC')::date, ((b.ends_at AT TIME ZONE 'UTC') + interval '23:59:59.999999')::date)
ORDER BY b.ends_at, b.parent LIMIT at_most
$$;

COMMENT ON FUNCTION sluice.expired_partitions(keep_days integer, at_most integer) IS 'Partitions all of whose rows are older than so many days (31 at least), and that retention may take: the oldest first, all tables of one day together.';

CREATE FUNCTION sluice.find_key(digest bytea) RETURNS SETOF sluice.api_key
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
FROM sluice.api_keys AS k WHERE k.digest = find_key.digest
$$;

COMMENT ON FUNCTION sluice.find_key(digest bytea) IS 'The key with this SHA-256, also one that is revoked or expired.';

CREATE FUNCTION sluice.finish_retirement(id integer) RETURNS text
    LANGUAGE plpgsql
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

COMMENT ON FUNCTION sluice.finish_retirement(id integer) IS 'Does what is left to do of a retirement; returns the table that it kept, or else dropped; null if nothing was left.';

CREATE FUNCTION sluice.first_ledger_day() RETURNS date
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    parent text;
    name text;
    earliest timestamptz;
    first timestamptz := 'infinity';
BEGIN
    FOREACH parent IN ARRAY ARRAY['calls', 'settlements'] LOOP
        FOR name IN SELECT b.partition FROM sluice.partition_bounds(parent) AS b ORDER BY b.starts_at LOOP
            EXECUTE format('SELECT min(r.%I) FROM sluice.%I AS r',
                CASE parent WHEN 'calls' THEN 'admitted_at' ELSE 'settled_at' END, name) INTO earliest;
            first := least(first, earliest);
            EXIT WHEN earliest IS NOT NULL;
        END LOOP;
    END LOOP;
    RETURN CASE WHEN isfinite(first) THEN (first AT TIME ZONE 'UTC')::date END;
END
$$;

COMMENT ON FUNCTION sluice.first_ledger_day() IS 'The first UTC day that calls or settlements have a row of; null when both are empty.';

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

CREATE FUNCTION sluice.grant_privileges() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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
    -- What cover_recent replaces day by day is for admission alone.
    inner_views CONSTANT text[] := ARRAY['recent', 'near', 'later', 'open_partition'];
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
            WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'v' AND c.relname <> ALL (inner_views)
        LOOP
            EXECUTE format('GRANT SELECT ON sluice.%I TO sluice_audit', name);
        END LOOP;
    END IF;
END
$$;

COMMENT ON FUNCTION sluice.grant_privileges() IS 'Gives sluice_app and sluice_audit, where they exist, what they need, and everybody else nothing. May be repeated.';

CREATE FUNCTION sluice.is_near(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    late_after CONSTANT timestamptz := clock - greatest(lengths[1], 3600000000) * interval '1 microsecond';
    is_odd boolean;
BEGIN
    SELECT EXISTS (SELECT FROM sluice.later)
        OR EXISTS (SELECT FROM sluice.near AS l WHERE l.admitted_at > late_after AND l.mode = 'unchecked')
            AND sluice.any_unchecked_recent(clock, user_ids, lengths)
        OR EXISTS (SELECT FROM sluice.open_partition WHERE clock IS NULL)
    INTO is_odd;
    RETURN NOT is_odd AND clock >= sluice.open_from() AND clock < sluice.open_until()
        AND lengths[1] <= sluice.recent_reach()
        AND clock - sluice.recent_reach() * interval '1 microsecond' >= sluice.recent_from();
END
$$;

COMMENT ON FUNCTION sluice.is_near(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) IS 'Unused, see 0014. A later step drops it.';

CREATE FUNCTION sluice.is_recent(clock timestamp with time zone, lengths bigint[]) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
SELECT sluice.recent_reach() >= ALL (lengths) AND clock + interval '24 hours' <= sluice.recent_until()
    AND clock - sluice.recent_reach() * interval '1 microsecond' >= sluice.recent_from()
$$;

CREATE FUNCTION sluice.known_unchecked(wanted_user uuid, clock timestamp with time zone, call_ids uuid[], lengths bigint[]) RETURNS sluice.decision[]
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
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

CREATE FUNCTION sluice.late_days() RETURNS TABLE(day date)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET jit TO 'off'
    AS $$
SELECT c.day FROM (
    SELECT (c.admitted_at AT TIME ZONE 'UTC')::date AS day, count(*) AS calls
    FROM sluice.calls AS c WHERE c.mode = 'unchecked' GROUP BY 1
) AS c
LEFT JOIN (
    SELECT s.day, sum(s.late_count) AS calls FROM sluice.seals AS s WHERE s.late_count > 0 GROUP BY s.day
) AS l ON l.day = c.day
WHERE c.calls IS DISTINCT FROM l.calls
$$;

COMMENT ON FUNCTION sluice.late_days() IS 'UTC days that have more or fewer unchecked calls than their seals.';

CREATE FUNCTION sluice.list_keys(user_id uuid DEFAULT NULL::uuid, before uuid DEFAULT NULL::uuid, at_most integer DEFAULT 100) RETURNS SETOF sluice.api_key
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
FROM sluice.api_keys AS k
WHERE (list_keys.user_id IS NULL OR k.user_id = list_keys.user_id) AND (before IS NULL OR k.key_id < before)
ORDER BY k.key_id DESC LIMIT least(greatest(at_most, 1), 1000)
$$;

COMMENT ON FUNCTION sluice.list_keys(user_id uuid, before uuid, at_most integer) IS 'Keys, newest first: of one user or of all, those made before the key that is named.';

CREATE FUNCTION sluice.list_partitions() RETURNS TABLE(parent text, partition text, starts_at timestamp with time zone, ends_at timestamp with time zone, state text, rows_estimated bigint, table_bytes bigint, index_bytes bigint, may_retire boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT p.*, p.ends_at <= sluice.clock() - interval '31 days'
    AND sluice.may_retire((p.starts_at AT TIME ZONE 'UTC')::date, ((p.ends_at AT TIME ZONE 'UTC') + interval '23:59:59.999999')::date)
FROM sluice.partitions AS p ORDER BY p.starts_at, p.parent, p.partition
$$;

COMMENT ON FUNCTION sluice.list_partitions() IS 'sluice.partitions, and whether retention may take each: not before its days are sealed, where days are sealed.';

CREATE FUNCTION sluice.lock_key(user_id uuid) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT ('x' || pg_catalog.right(user_id::text, 8))::bit(32)::integer$$;

COMMENT ON FUNCTION sluice.lock_key(user_id uuid) IS 'Second key of a user''s advisory lock; the first is 1936487795 (''slus'' in ASCII), as pg_locks.classid shows it.';

CREATE FUNCTION sluice.make_partition(parent text, name text, first_day date, end_day date) RETURNS void
    LANGUAGE plpgsql
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
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

CREATE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
    LANGUAGE sql STABLE COST 10000
    AS $$
SELECT CASE
    WHEN day_until - 1 <= (SELECT max(s.day) FROM sluice.seals AS s WHERE s.ledger = 'settlements' AND s.amendment = 0)
        THEN day_until <= (SELECT p.rolled_until FROM sluice.rollup_progress AS p)
            AND NOT EXISTS (SELECT FROM sluice.unsealed_late_calls(day_from, day_until))
    ELSE NOT EXISTS (SELECT FROM sluice.seals) AND day_until - 1 < coalesce(sluice.first_ledger_day(), 'infinity')
END
$$;

COMMENT ON FUNCTION sluice.may_retire(day_from date, day_until date) IS 'Whether retention may take the partitions of these days, from day_from up to but without day_until: they are summed up and sealed, and so is every call that came late.';

CREATE FUNCTION sluice.microseconds(length interval) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT least(extract(epoch FROM length) * 1000000, 1e18)::bigint$$;

CREATE FUNCTION sluice.new_call_id() RETURNS uuid
    LANGUAGE sql
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

CREATE FUNCTION sluice.note_default_policy(mode text, on_outage text, names text[], limits bigint[], lengths bigint[], replica text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
DECLARE
    wanted_mode CONSTANT sluice.policy_mode := mode;
    wanted_behavior CONSTANT sluice.outage_behavior := on_outage;
    current sluice.policies;
    is_same boolean;
    at timestamptz;
BEGIN
    PERFORM sluice.check_windows(limits, lengths);
    IF (cardinality(names) = cardinality(limits) AND array_ndims(names) = 1 AND array_lower(names, 1) = 1) IS NOT TRUE
        OR wanted_mode IS NULL OR wanted_behavior IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('mode %s, on_outage %s and names %s do not describe a policy', mode, on_outage, names),
            HINT = 'Pass enforce, shadow or off; open, bounded or closed; and one name for each window.';
    END IF;
    -- One version after the other. 'slpo' in ASCII.
    PERFORM pg_advisory_xact_lock(1936486511, 0);
    SELECT p.* INTO current FROM sluice.policies AS p WHERE p.policy_id = 1 AND p.valid_until = 'infinity';
    SELECT array_agg(w.name ORDER BY w."position") = names AND array_agg(w.quota ORDER BY w."position") = limits
        AND array_agg(w.length_us ORDER BY w."position") = lengths AND bool_and(w.resource = 'requests')
    INTO is_same FROM sluice.policy_windows AS w WHERE w.policy_id = 1 AND w.valid_from = current.valid_from;
    IF is_same AND current.mode = wanted_mode AND current.on_outage = wanted_behavior THEN
        RETURN false;
    END IF;
    at := greatest(sluice.clock(), current.valid_from + interval '1 microsecond');
    UPDATE sluice.policies AS p SET valid_until = at WHERE p.policy_id = 1 AND p.valid_from = current.valid_from;
    INSERT INTO sluice.policies (policy_id, valid_from, name, mode, on_outage, replica)
    VALUES (1, at, 'default', wanted_mode, wanted_behavior, note_default_policy.replica);
    INSERT INTO sluice.policy_windows (policy_id, valid_from, "position", name, resource, quota, length_us)
    SELECT 1, at, w."position", w.name, 'requests', w.quota, w.length
    FROM unnest(names, limits, lengths) WITH ORDINALITY AS w(name, quota, length, "position");
    RETURN true;
END
$$;

COMMENT ON FUNCTION sluice.note_default_policy(mode text, on_outage text, names text[], limits bigint[], lengths bigint[], replica text) IS 'Writes down what a replica''s configuration enforces as policy 1; true if that is not what was written down last. Lengths are in microseconds. Every replica says so when it starts.';

CREATE FUNCTION sluice.note_key_uses(key_ids uuid[], used_ats timestamp with time zone[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
UPDATE sluice.api_keys AS k SET last_used_at = u.at
FROM (
    -- A time of a replica whose clock is ahead is the database's. In the order of the keys, so that two replicas do not
    -- wait for each other in a circle.
    SELECT n.key_id, least(max(n.at), sluice.clock()) AS at
    FROM unnest(key_ids, used_ats) AS n(key_id, at)
    JOIN (SELECT l.key_id FROM sluice.api_keys AS l WHERE l.key_id = ANY (key_ids) ORDER BY l.key_id FOR NO KEY UPDATE)
        AS held USING (key_id)
    GROUP BY n.key_id
) AS u
WHERE k.key_id = u.key_id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
$$;

COMMENT ON FUNCTION sluice.note_key_uses(key_ids uuid[], used_ats timestamp with time zone[]) IS 'Notes when keys were last used; never moves a note back.';

-- Name: open_from(); Type: FUNCTION: replaced by sluice.cover_recent

COMMENT ON FUNCTION sluice.open_from() IS 'Start of sluice.open_partition.';

-- Name: open_until(); Type: FUNCTION: replaced by sluice.cover_recent

COMMENT ON FUNCTION sluice.open_until() IS 'End of sluice.open_partition, and so of sluice.near.';

CREATE FUNCTION sluice.partition_bounds(wanted_parent text DEFAULT NULL::text) RETURNS TABLE(parent text, partition text, starts_at timestamp with time zone, ends_at timestamp with time zone, is_leaving boolean)
    LANGUAGE sql STABLE ROWS 400
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    SET standard_conforming_strings TO 'on'
    AS $_$
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
$_$;

COMMENT ON FUNCTION sluice.partition_bounds(wanted_parent text) IS 'The partitions of the ledger''s tables, or of one of them, with what they hold, from starts_at up to but without ends_at. is_leaving: its detachment is under way.';

CREATE FUNCTION sluice.partition_name(day date, parent text DEFAULT 'calls'::text) RETURNS text
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

COMMENT ON FUNCTION sluice.partition_name(day date, parent text) IS 'Name of the partition of a table of the ledger, sluice.calls unless told otherwise, that holds one UTC day; if there is none, the name that it would get.';

CREATE FUNCTION sluice.partition_of(day date, wanted_parent text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT coalesce(
    (SELECT b.partition FROM sluice.partition_bounds(wanted_parent) AS b
        WHERE b.starts_at <= day::timestamp AT TIME ZONE 'UTC' AND b.ends_at >= (day + 1)::timestamp AT TIME ZONE 'UTC'
            AND NOT b.is_leaving),
    sluice.free_name(wanted_parent || '_' || to_char(day, 'YYYYMMDD')))
$$;

COMMENT ON FUNCTION sluice.partition_of(day date, wanted_parent text) IS 'Used by sluice.partition_name, where the names say nothing.';

CREATE FUNCTION sluice.partition_summary() RETURNS TABLE(days_back integer, days_ahead integer, partitions integer, bytes bigint, unfinished integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION sluice.peek(user_id uuid, weight bigint DEFAULT 1, quota bigint DEFAULT 20, period interval DEFAULT '01:00:00'::interval) RETURNS sluice.decision
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT sluice.peek_user(user_id, weight, ARRAY[quota], ARRAY[sluice.microseconds(period)])
$$;

COMMENT ON FUNCTION sluice.peek(user_id uuid, weight bigint, quota bigint, period interval) IS 'What a call of this weight would be told now; adds nothing.';

CREATE FUNCTION sluice.peek_user(user_id uuid, weight bigint, limits bigint[], lengths bigint[]) RETURNS sluice.decision
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
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

COMMENT ON FUNCTION sluice.peek_user(user_id uuid, weight bigint, limits bigint[], lengths bigint[]) IS 'What a call of this weight would be told now; adds nothing. lengths are microseconds.';

CREATE FUNCTION sluice.pending_exports() RETURNS TABLE(retirement_id integer, parent text, partition text, kept_as text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT r.retirement_id, r.parent, r.partition, r.kept_as FROM sluice.retirements AS r
WHERE r.action = 'export' AND r.finished_at IS NULL AND r.kept_as IS NOT NULL ORDER BY r.retirement_id
$$;

COMMENT ON FUNCTION sluice.pending_exports() IS 'Tables that left the ledger and wait to be written to files.';

CREATE FUNCTION sluice.read_export(name text, row_type anyelement) RETURNS SETOF anyelement
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION sluice.read_export(name text, row_type anyelement) IS 'The rows of a table that waits to be written to files, in the order of its key, or of all columns where it has none: SELECT * FROM sluice.read_export(''calls_20250101_detached'', NULL::sluice.calls).';

-- Name: recent_from(); Type: FUNCTION: replaced by sluice.cover_recent

COMMENT ON FUNCTION sluice.recent_from() IS 'Start of what sluice.recent covers.';

-- Name: recent_reach(); Type: FUNCTION: replaced by sluice.cover_recent

COMMENT ON FUNCTION sluice.recent_reach() IS 'Longest window, in microseconds, that sluice.recent serves.';

-- Name: recent_until(); Type: FUNCTION: replaced by sluice.cover_recent

COMMENT ON FUNCTION sluice.recent_until() IS 'End of what sluice.recent covers.';

CREATE FUNCTION sluice.record_refusals(user_ids uuid[], policy_ids integer[], minutes timestamp with time zone[], counts bigint[], replica text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
DECLARE
    clock CONSTANT timestamptz := sluice.clock();
BEGIN
    IF cardinality(user_ids) NOT BETWEEN 1 AND 10000
        OR (cardinality(user_ids) = ALL (ARRAY[cardinality(policy_ids), cardinality(minutes), cardinality(counts)])) IS NOT TRUE
        OR (0 < ALL (counts)) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'the arrays do not describe refusals',
            HINT = 'Pass one-dimensional arrays of equal length, 1 to 10000 elements each, with counts of 1 or more.';
    END IF;
    IF to_regclass('sluice.' || sluice.partition_name((clock AT TIME ZONE 'UTC')::date, 'refusals')) IS NULL THEN
        PERFORM sluice.ensure_partitions((clock AT TIME ZONE 'UTC')::date, 2);
    END IF;
    -- What is older than today's and yesterday's partitions, or ahead, is a wrong clock's.
    INSERT INTO sluice.refusals (user_id, minute, policy_id, refused, replica, recorded_at)
    SELECT r.user_id, date_trunc('minute', CASE WHEN r.minute > clock - interval '1 hour' AND r.minute <= clock
            AND to_regclass('sluice.' || sluice.partition_name((r.minute AT TIME ZONE 'UTC')::date, 'refusals')) IS NOT NULL
            THEN r.minute ELSE clock END), r.policy_id, r.refused, record_refusals.replica, clock
    FROM unnest(user_ids, policy_ids, minutes, counts) AS r(user_id, policy_id, minute, refused);
END
$$;

COMMENT ON FUNCTION sluice.record_refusals(user_ids uuid[], policy_ids integer[], minutes timestamp with time zone[], counts bigint[], replica text) IS 'Writes down how often users were refused, per minute.';

CREATE FUNCTION sluice.record_unchecked(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], admitted_ats timestamp with time zone[], may_exist_since timestamp with time zone[], policy_ids integer[], replica text) RETURNS SETOF sluice.recording
    LANGUAGE plpgsql SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
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

COMMENT ON FUNCTION sluice.record_unchecked(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], admitted_ats timestamp with time zone[], may_exist_since timestamp with time zone[], policy_ids integer[], replica text) IS 'Adds the rows of calls that were let through without the ledger''s word, each exactly once. Waits for no lock. Rows come in any order; position is the call''s place in the arrays, from 1.';

CREATE FUNCTION sluice.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE restrict_violation USING
        MESSAGE = format('%s on sluice.%s is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME),
        HINT = 'Rows leave only with their whole partition; correct a mistake by adding to the ledger.';
END
$$;

CREATE FUNCTION sluice.refuse_rewrite() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    ended CONSTANT text := to_jsonb(OLD) ->> TG_ARGV[0];
BEGIN
    IF to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV
        AND (ended IS NULL OR ended = 'infinity' OR ended = to_jsonb(NEW) ->> TG_ARGV[0]) THEN
        RETURN NEW;
    END IF;
    RAISE restrict_violation USING
        MESSAGE = format('a row of sluice.%s is never rewritten', TG_TABLE_NAME),
        HINT = format('Set %s, once, and add another row.', TG_ARGV[0]);
END
$$;

CREATE FUNCTION sluice.replay(wanted_user uuid, wanted_call uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) RETURNS sluice.decision
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
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

CREATE FUNCTION sluice.resume_retirement() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $$
BEGIN
    RETURN sluice.finish_retirement((
        SELECT min(r.retirement_id) FROM sluice.retirements AS r WHERE r.finished_at IS NULL AND r.kept_as IS NULL));
END
$$;

COMMENT ON FUNCTION sluice.resume_retirement() IS 'Finishes the oldest retirement that somebody began and left; returns the table that was kept or dropped, null if there is none. Fails with lock_not_available rather than hold up admissions.';

CREATE FUNCTION sluice.retire_partition(name text, keep_days integer, action text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $$
BEGIN
    RETURN sluice.finish_retirement(sluice.begin_retirement(name, keep_days, action));
END
$$;

COMMENT ON FUNCTION sluice.retire_partition(name text, keep_days integer, action text) IS 'Takes one partition out of the ledger whose rows are all older than keep_days (31 at least): drop, detach, or export (detached, to be written to files and dropped with sluice.drop_exported). Returns the table that was kept, or else dropped. Fails with lock_not_available rather than hold up admissions: ask again later.';

CREATE FUNCTION sluice.retry_at(wanted_user uuid, state sluice.window_state, limits bigint[], lengths bigint[], weight bigint, taken_at timestamp with time zone[], taken_total bigint[]) RETURNS timestamp with time zone
    LANGUAGE plpgsql
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

CREATE FUNCTION sluice.revoke_key(key_id uuid) RETURNS SETOF sluice.api_key
    LANGUAGE sql SECURITY DEFINER ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
UPDATE sluice.api_keys AS k SET revoked_at = coalesce(k.revoked_at, sluice.clock())
WHERE k.key_id = revoke_key.key_id
RETURNING k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
$$;

COMMENT ON FUNCTION sluice.revoke_key(key_id uuid) IS 'Ends a key for good. Of one that is revoked already the first time stays.';

CREATE FUNCTION sluice.roll_day(wanted_day date) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    -- As variables, so that a plan over one partition is made.
    starts_at CONSTANT timestamptz := wanted_day::timestamp AT TIME ZONE 'UTC';
    ends_at CONSTANT timestamptz := (wanted_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    INSERT INTO sluice.daily_spend (user_id, day, model, part, calls, weight, unchecked, settled, unpriced, input_tokens,
        cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd)
    SELECT r.user_id, wanted_day, r.model, 0, sum(r.calls), sum(r.weight), 0, sum(r.settled), sum(r.unpriced),
        sum(r.input_tokens), sum(r.cached_tokens), sum(r.cache_write_tokens), sum(r.output_tokens),
        sum(r.reasoning_tokens), sum(r.cost_nanousd)
    FROM sluice.spend_rows AS r
    WHERE r.at >= starts_at AND r.at < ends_at AND r.unchecked = 0
    GROUP BY r.user_id, r.model;
    PERFORM sluice.carry_spend(wanted_day, 0::smallint, 1);
    INSERT INTO sluice.rolled_days (day, calls, settlements, unchecked, part, rolled_at)
    SELECT wanted_day, coalesce(sum(d.calls), 0),
        (SELECT count(*) FROM sluice.settlements AS s WHERE s.settled_at >= starts_at AND s.settled_at < ends_at),
        0, 1, sluice.clock()
    FROM sluice.daily_spend AS d WHERE d.day = wanted_day AND d.part = 0;
END
$$;

COMMENT ON FUNCTION sluice.roll_day(wanted_day date) IS 'Sums up what was decided and settled in order on a day that is over.';

CREATE FUNCTION sluice.roll_late(wanted_day date) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    starts_at CONSTANT timestamptz := wanted_day::timestamp AT TIME ZONE 'UTC';
    ends_at CONSTANT timestamptz := (wanted_day + 1)::timestamp AT TIME ZONE 'UTC';
    rolled sluice.rolled_days;
    wanted_part smallint;
BEGIN
    -- A day before all partitions may get rows too, with the partition that is made for them.
    INSERT INTO sluice.rolled_days (day, calls, settlements, unchecked, part, rolled_at)
    VALUES (wanted_day, 0, 0, 0, 1, sluice.clock()) ON CONFLICT (day) DO NOTHING;
    SELECT d.* INTO STRICT rolled FROM sluice.rolled_days AS d WHERE d.day = wanted_day;
    wanted_part := rolled.part;
    IF rolled.unchecked > 0 THEN
        IF EXISTS (SELECT FROM sluice.calls AS c WHERE c.mode = 'unchecked' AND c.admitted_at = rolled.first_unchecked_at) THEN
            PERFORM sluice.carry_spend(wanted_day, wanted_part, -1);
            DELETE FROM sluice.daily_spend AS d WHERE d.day = wanted_day AND d.part = wanted_part;
        ELSE
            -- Retention has dropped the rows that were summed up; what came since is added to their sums.
            wanted_part := wanted_part + 1;
        END IF;
    END IF;
    INSERT INTO sluice.daily_spend (user_id, day, model, part, calls, weight, unchecked, settled, unpriced, input_tokens,
        cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd)
    SELECT c.user_id, wanted_day, left(coalesce(c.model, ''), 256), wanted_part, count(*), sum(c.weight), count(*),
        0, 0, 0, 0, 0, 0, 0, 0
    FROM sluice.calls AS c
    WHERE c.mode = 'unchecked' AND c.admitted_at >= starts_at AND c.admitted_at < ends_at
    GROUP BY 1, 3;
    PERFORM sluice.carry_spend(wanted_day, wanted_part, 1);
    UPDATE sluice.rolled_days AS d SET unchecked = u.calls, first_unchecked_at = u.first_at, last_unchecked_at = u.last_at,
        part = wanted_part, rolled_at = sluice.clock()
    FROM (
        SELECT count(*) AS calls, min(c.admitted_at) AS first_at, max(c.admitted_at) AS last_at FROM sluice.calls AS c
        WHERE c.mode = 'unchecked' AND c.admitted_at >= starts_at AND c.admitted_at < ends_at
    ) AS u
    WHERE d.day = wanted_day;
END
$$;

COMMENT ON FUNCTION sluice.roll_late(wanted_day date) IS 'Sums up a day''s unchecked calls, anew where that was done before.';

CREATE FUNCTION sluice.roll_up(at_most integer DEFAULT 1, grace interval DEFAULT '02:00:00'::interval, late_every interval DEFAULT '00:05:00'::interval) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    SET work_mem TO '64MB'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    clock timestamptz;
    over_until date;
    progress sluice.rollup_progress;
    late date;
    done integer := 0;
    found integer := 0;
BEGIN
    IF (at_most BETWEEN 1 AND 1000) IS NOT TRUE OR (grace >= interval '0') IS NOT TRUE
        OR (late_every >= interval '0') IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('cannot sum up %s days, over for %s, looking for late calls every %s', coalesce(at_most::text, 'null'),
                coalesce(grace::text, 'null'), coalesce(late_every::text, 'null')),
            HINT = 'Pass 1 to 1000 days, and intervals that are not negative.';
    END IF;
    PERFORM sluice.check_isolation();
    -- 'slrl' in ASCII.
    IF NOT pg_try_advisory_xact_lock(1936487020, 0) THEN
        RETURN 0;
    END IF;
    clock := sluice.clock();
    over_until := ((clock - grace) AT TIME ZONE 'UTC')::date;
    SELECT p.* INTO STRICT progress FROM sluice.rollup_progress AS p;
    IF progress.rolled_until = '-infinity' THEN
        SELECT least(min(d.day), over_until) INTO progress.rolled_until FROM sluice.ledger_days AS d;
    END IF;
    -- Who had read the clock before the day was over has a lower number than this transaction, long after. (The end of a
    -- snapshot is no such number: a transaction that runs may be beyond it.) A number from before the database was restored
    -- elsewhere is ahead of all.
    IF progress.closing_day IS DISTINCT FROM over_until
        OR progress.closing_xid > pg_snapshot_xmax(pg_current_snapshot()) THEN
        progress.closing_day := over_until;
        progress.closing_xid := pg_current_xact_id();
    END IF;
    IF pg_snapshot_xmin(pg_current_snapshot()) >= progress.closing_xid THEN
        WHILE done < at_most AND progress.rolled_until < over_until LOOP
            PERFORM sluice.roll_day(progress.rolled_until);
            PERFORM sluice.roll_late(progress.rolled_until);
            progress.rolled_until := progress.rolled_until + 1;
            done := done + 1;
        END LOOP;
    END IF;
    IF done < at_most AND (progress.late_checked_at <= clock - late_every OR progress.late_checked_at > clock) THEN
        FOR late IN
            SELECT u.day FROM (
                SELECT (c.admitted_at AT TIME ZONE 'UTC')::date AS day, count(*) AS calls, min(c.admitted_at) AS first_at,
                    max(c.admitted_at) AS last_at
                FROM sluice.calls AS c
                WHERE c.mode = 'unchecked' AND c.admitted_at < progress.rolled_until::timestamp AT TIME ZONE 'UTC'
                GROUP BY 1
            ) AS u
            LEFT JOIN sluice.rolled_days AS d ON d.day = u.day
            WHERE (d.unchecked, d.first_unchecked_at, d.last_unchecked_at) IS DISTINCT FROM (u.calls, u.first_at, u.last_at)
            ORDER BY u.day LIMIT at_most - done
        LOOP
            PERFORM sluice.roll_late(late);
            found := found + 1;
        END LOOP;
        IF found < at_most - done THEN
            progress.late_checked_at := clock;
        END IF;
        done := done + found;
    END IF;
    -- Whoever began to read before those days were summed up has ended by then. A report that runs now keeps the view as it is.
    IF progress.open_since < progress.rolled_until - 4 THEN
        BEGIN
            PERFORM sluice.define_spend_open(progress.rolled_until - 2);
            progress.open_since := progress.rolled_until - 2;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END IF;
    UPDATE sluice.rollup_progress AS p SET rolled_until = progress.rolled_until, closing_day = progress.closing_day,
        closing_xid = progress.closing_xid, late_checked_at = progress.late_checked_at, open_since = progress.open_since
    WHERE p IS DISTINCT FROM progress;
    RETURN done;
END
$$;

COMMENT ON FUNCTION sluice.roll_up(at_most integer, grace interval, late_every interval) IS 'Sums up days that have been over for longer than grace, and days that late calls came to; at most so many at once, and returns how many. Run by the maintenance of every replica; waits for no lock and holds up no admission.';

CREATE FUNCTION sluice.schema_versions() RETURNS TABLE(version integer, name text, checksum text, applied_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$SELECT m.version, m.name, m.checksum, m.applied_at FROM sluice.migrations AS m ORDER BY m.version$$;

COMMENT ON FUNCTION sluice.schema_versions() IS 'The migrations that this database has taken, for roles that may not read the table.';

CREATE FUNCTION sluice.seal_day(closed_after interval DEFAULT '26:00:00'::interval, until date DEFAULT NULL::date) RETURNS SETOF sluice.seals
    LANGUAGE plpgsql SECURITY DEFINER ROWS 2
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET standard_conforming_strings TO 'on'
    AS $$
DECLARE
    newest date;
    last_closed date;
    next_day date;
BEGIN
    IF closed_after IS NULL OR closed_after NOT BETWEEN '1 hour' AND '366 days' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('a day cannot be sealed %s after its end', coalesce(closed_after::text, 'null')),
            HINT = 'Pass an interval of 1 hour to 366 days: until then a clock that is set back may bring rows of that day.';
    END IF;
    PERFORM sluice.check_isolation();
    -- One at a time, since the chain is one. The lock's class is 'slse' in ASCII.
    IF NOT pg_try_advisory_xact_lock(1936487269, 0) THEN
        RAISE lock_not_available USING
            MESSAGE = 'somebody else is sealing', HINT = 'Ask again when that is done.';
    END IF;
    last_closed := least((sluice.clock() AT TIME ZONE 'UTC' - closed_after)::date - 1, until);
    SELECT max(s.day) INTO newest FROM sluice.seals AS s WHERE s.ledger = 'calls' AND s.amendment = 0;
    next_day := coalesce(newest + 1, sluice.first_ledger_day());
    IF next_day <= last_closed THEN
        PERFORM sluice.await_writers(l.ledger, next_day) FROM (VALUES ('calls'), ('settlements')) AS l(ledger);
        RETURN NEXT sluice.add_seal('calls', next_day, 0);
        RETURN NEXT sluice.add_seal('settlements', next_day, 0);
        RETURN;
    END IF;
    -- Everything is sealed but what came late: of one day, the earliest.
    SELECT d.day INTO next_day FROM sluice.late_days() AS d
    WHERE d.day <= least(newest, until) AND EXISTS (SELECT FROM sluice.unsealed_late_calls(d.day, d.day + 1))
    ORDER BY d.day LIMIT 1;
    IF next_day IS NOT NULL THEN
        RETURN NEXT sluice.add_seal('calls', next_day,
            (SELECT coalesce(max(s.amendment), 0) + 1 FROM sluice.seals AS s WHERE s.ledger = 'calls' AND s.day = next_day));
    END IF;
END
$$;

COMMENT ON FUNCTION sluice.seal_day(closed_after interval, until date) IS 'Seals the next UTC day of the ledger that has been over for some time; when there is none, the unchecked calls that came late to a sealed one. until is the last day to seal. Returns the seals it made, none when there is nothing to seal. Fails with lock_not_available while somebody else seals.';

CREATE FUNCTION sluice.seal_line(s sluice.seals) RETURNS text
    LANGUAGE sql STABLE
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
SELECT concat_ws(E'\t', encode(s.previous, 'hex'), s.seal_no, s.ledger, s.day, s.amendment, s.format, s.row_count,
    encode(s.digest, 'hex'), s.late_count, encode(s.late_digest, 'hex'), s.sealed_at)
$$;

COMMENT ON FUNCTION sluice.seal_line(s sluice.seals) IS 'What the chain has of a seal, without the line feed.';

CREATE FUNCTION sluice.seal_part(seal_no bigint, ledger text, day date, is_late boolean, OUT row_count bigint, OUT digest bytea) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET jit TO 'off'
    SET standard_conforming_strings TO 'on'
    AS $_$
DECLARE
    range_size CONSTANT integer := 65536;
    -- k has the key, and the index that gives the order.
    source CONSTANT text := CASE
        WHEN is_late THEN
            'sluice.call_line(r) AS line FROM sluice.seal_late_calls AS k'
            ' JOIN sluice.calls AS r USING (user_id, admitted_at, call_id) WHERE k.seal_no = $6'
        WHEN ledger = 'calls' THEN 'sluice.call_line(k) AS line FROM sluice.calls AS k WHERE k.mode IS DISTINCT FROM ''unchecked'''
        ELSE 'sluice.settlement_line(k) AS line FROM sluice.settlements AS k WHERE true'
    END;
    query CONSTANT text := format(
        'SELECT array_agg(l.line) FROM (SELECT %s AND k.%I >= $1 AND k.%2$I < $2'
        ' AND (k.user_id, k.%2$I, k.call_id) > ($3, $4, $5) ORDER BY k.user_id, k.%2$I, k.call_id LIMIT %s) AS l',
        source, CASE ledger WHEN 'calls' THEN 'admitted_at' ELSE 'settled_at' END, range_size);
    day_start CONSTANT timestamptz := day::timestamp AT TIME ZONE 'UTC';
    day_end CONSTANT timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
    first_key text[];
    last_key text[] := ARRAY['00000000-0000-0000-0000-000000000000', '-infinity', '00000000-0000-0000-0000-000000000000'];
    lines text[];
    range_digest bytea;
    digests text := '';
    ordinal integer := 0;
BEGIN
    row_count := 0;
    LOOP
        EXECUTE query INTO lines
        USING day_start, day_end, last_key[1]::uuid, last_key[2]::timestamptz, last_key[3]::uuid, seal_no;
        EXIT WHEN lines IS NULL;
        first_key := (string_to_array(lines[1], E'\t'))[1:3];
        last_key := (string_to_array(lines[cardinality(lines)], E'\t'))[1:3];
        range_digest := sha256(convert_to(array_to_string(lines, E'\n') || E'\n', 'UTF8'));
        INSERT INTO sluice.seal_ranges
        VALUES (seal_no, is_late, ordinal, cardinality(lines), range_digest,
            first_key[1]::uuid, first_key[2]::timestamptz, first_key[3]::uuid,
            last_key[1]::uuid, last_key[2]::timestamptz, last_key[3]::uuid);
        digests := digests || encode(range_digest, 'hex') || E'\n';
        row_count := row_count + cardinality(lines);
        ordinal := ordinal + 1;
        EXIT WHEN cardinality(lines) < range_size;
    END LOOP;
    digest := sha256(convert_to(digests, 'UTF8'));
END
$_$;

COMMENT ON FUNCTION sluice.seal_part(seal_no bigint, ledger text, day date, is_late boolean, OUT row_count bigint, OUT digest bytea) IS 'Digests the rows of a day that a seal is for, and notes their ranges.';

CREATE FUNCTION sluice.set_price(model text, input bigint, cached bigint DEFAULT NULL::bigint, cache_write bigint DEFAULT NULL::bigint, output bigint DEFAULT 0) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    now timestamptz;
    newest timestamptz;
    made integer;
BEGIN
    -- 'slpr' in ASCII.
    PERFORM pg_advisory_xact_lock(1936486514, 0);
    now := sluice.clock();
    SELECT max(p.valid_from) INTO newest FROM sluice.prices AS p WHERE p.model = set_price.model;
    now := greatest(now, newest + interval '1 microsecond');
    UPDATE sluice.prices AS p SET valid_until = now WHERE p.model = set_price.model AND p.valid_until = 'infinity';
    INSERT INTO sluice.prices AS p (model, valid_from, input, cached, cache_write, output)
    VALUES (set_price.model, now, set_price.input, coalesce(set_price.cached, set_price.input),
        coalesce(set_price.cache_write, set_price.input), set_price.output)
    RETURNING p.price_id INTO made;
    RETURN made;
END
$$;

COMMENT ON FUNCTION sluice.set_price(model text, input bigint, cached bigint, cache_write bigint, output bigint) IS 'Sets what a model costs from now on, in nano-USD per million tokens: $2.50 is 2500000000. cached and cache_write are those of input unless given.';

CREATE FUNCTION sluice.settle_many(user_ids uuid[], call_ids uuid[], admitted_ats timestamp with time zone[], models text[], input_tokens bigint[], cached_tokens bigint[], cache_write_tokens bigint[], output_tokens bigint[], reasoning_tokens bigint[], bases text[], statuses smallint[], durations_ms bigint[], replica text) RETURNS SETOF sluice.settling
    LANGUAGE plpgsql SECURITY DEFINER ROWS 100
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    tick CONSTANT interval := '1 microsecond';
    size CONSTANT integer := cardinality(call_ids);
    clock timestamptz;
    busy integer[];
    earliest timestamptz;
    after timestamptz;
BEGIN
    IF size IS NULL OR size NOT BETWEEN 1 AND 10000
        OR (size = ALL (ARRAY[cardinality(user_ids), cardinality(admitted_ats), cardinality(models),
            cardinality(input_tokens), cardinality(cached_tokens), cardinality(cache_write_tokens),
            cardinality(output_tokens), cardinality(reasoning_tokens), cardinality(bases), cardinality(statuses),
            cardinality(durations_ms)])) IS NOT TRUE
        OR (1 = ALL (ARRAY[array_ndims(user_ids), array_ndims(call_ids), array_ndims(admitted_ats),
            array_lower(user_ids, 1), array_lower(call_ids, 1), array_lower(admitted_ats, 1)])) IS NOT TRUE
        OR array_position(user_ids, NULL) IS NOT NULL OR array_position(call_ids, NULL) IS NOT NULL
        OR array_position(bases, NULL) IS NOT NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'the arrays do not describe settlements',
            HINT = 'Pass one-dimensional arrays of equal length, 1 to 10000 elements each; only admitted_ats, models, statuses and durations_ms hold nulls.';
    END IF;
    IF (0 <= ALL (input_tokens || cached_tokens || cache_write_tokens || output_tokens || reasoning_tokens)) IS NOT TRUE
        OR (1000000000000 >= ALL (input_tokens || output_tokens)) IS NOT TRUE THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'the arrays hold a number of tokens that is out of range', HINT = 'Use 0 to 1000000000000.';
    END IF;
    PERFORM sluice.check_isolation();
    clock := sluice.clock();
    IF to_regclass('sluice.' || sluice.partition_name((clock AT TIME ZONE 'UTC')::date, 'settlements')) IS NULL
        OR to_regclass('sluice.' || sluice.partition_name(((clock + interval '1 minute') AT TIME ZONE 'UTC')::date, 'settlements')) IS NULL
    THEN
        PERFORM sluice.ensure_partitions((clock AT TIME ZONE 'UTC')::date, 2);
    END IF;
    IF array_position(admitted_ats, NULL) IS NOT NULL THEN
        SELECT array_agg(coalesce(c.at, sluice.admission_of(c.user_id, c.call_id, clock)) ORDER BY c."position")
        INTO admitted_ats
        FROM unnest(user_ids, call_ids, admitted_ats) WITH ORDINALITY AS c(user_id, call_id, at, "position");
    END IF;
    -- 'slst' in ASCII.
    SELECT array_agg(k.key) INTO busy
    FROM (SELECT DISTINCT sluice.lock_key(u) AS key FROM unnest(user_ids) AS u) AS k
    WHERE NOT pg_try_advisory_xact_lock(1936487284, k.key);
    clock := sluice.clock();
    after := clock - interval '7 days';
    -- No settlement of these calls is older, whichever clocks were wrong by up to a day.
    earliest := greatest(least((SELECT min(a) FROM unnest(admitted_ats) AS a), clock), '2000-01-02Z') - interval '24 hours';
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT c.*, row_number() OVER (PARTITION BY c.user_id, c.call_id
                ORDER BY sluice.weight_of_basis(c.basis::sluice.settlement_basis) DESC, c."position") > 1 AS is_again
        FROM unnest(user_ids, call_ids, admitted_ats, models, input_tokens, cached_tokens, cache_write_tokens,
            output_tokens, reasoning_tokens, bases, statuses, durations_ms) WITH ORDINALITY AS c(user_id, call_id,
            admitted_at, model, input, cached, cache_write, output, reasoning, basis, status, duration_ms, "position")
        WHERE (sluice.lock_key(c.user_id) = ANY (busy)) IS NOT TRUE AND c.admitted_at IS NOT NULL
    ),
    -- The call's rows, if there are any. They may be followed by one that rests on more.
    priced AS MATERIALIZED (
        SELECT a.*, p.price_id,
            -- least() of a null and a number is the number.
            CASE WHEN p.price_id IS NOT NULL THEN
                least(round(((a.input - a.cached - a.cache_write)::numeric * p.input + a.cached::numeric * p.cached
                    + a.cache_write::numeric * p.cache_write + a.output::numeric * p.output) / 1000000),
                    1000000000000000)::bigint END AS cost,
            e.rows > 0 AS is_correction, e.input AS old_input, e.cached AS old_cached, e.cache_write AS old_cache_write,
            e.output AS old_output, e.reasoning AS old_reasoning, e.cost AS old_cost
        FROM asked AS a
        CROSS JOIN LATERAL (
            SELECT count(*) AS rows, max(sluice.weight_of_basis(s.basis)) AS weight,
                coalesce(sum(s.input_tokens), 0)::bigint AS input, coalesce(sum(s.cached_tokens), 0)::bigint AS cached,
                coalesce(sum(s.cache_write_tokens), 0)::bigint AS cache_write,
                coalesce(sum(s.output_tokens), 0)::bigint AS output,
                coalesce(sum(s.reasoning_tokens), 0)::bigint AS reasoning,
                coalesce(sum(s.cost_nanousd), 0)::bigint AS cost
            FROM sluice.settlements AS s
            WHERE s.user_id = a.user_id AND s.call_id = a.call_id AND s.settled_at > earliest
        ) AS e
        LEFT JOIN LATERAL (
            SELECT q.* FROM sluice.prices AS q
            WHERE a.admitted_at >= q.valid_from AND a.admitted_at < q.valid_until
                AND (q.model = a.model OR (right(q.model, 1) = '*' AND starts_with(a.model, left(q.model, -1))))
            ORDER BY q.model = a.model DESC, length(q.model) DESC LIMIT 1
        ) AS p ON true
        WHERE NOT a.is_again AND coalesce(e.weight < sluice.weight_of_basis(a.basis::sluice.settlement_basis), true)
    ),
    fresh AS MATERIALIZED (
        SELECT f."position", f.user_id, f.call_id, f.admitted_at, f.model, f.basis, f.status, f.duration_ms, f.price_id,
            f.is_correction, f.cost AS whole_cost, f.input - f.old_input AS input, f.cached - f.old_cached AS cached,
            f.cache_write - f.old_cache_write AS cache_write, f.output - f.old_output AS output,
            f.reasoning - f.old_reasoning AS reasoning,
            CASE WHEN f.cost IS NOT NULL OR f.old_cost > 0 THEN coalesce(f.cost, 0) - f.old_cost END AS cost,
            row_number() OVER mine AS nr
        FROM priced AS f
        WINDOW mine AS (PARTITION BY f.user_id ORDER BY f."position")
    ),
    newest AS MATERIALIZED (
        SELECT u.user_id, greatest(clock, n.settled_at + tick) AS at, coalesce(n.input_total, 0) AS input_total,
            coalesce(n.output_total, 0) AS output_total, coalesce(n.cost_total, 0) AS cost_total, n.total_since
        FROM (SELECT DISTINCT f.user_id FROM fresh AS f) AS u
        LEFT JOIN LATERAL (
            SELECT s.settled_at, s.input_total, s.output_total, s.cost_total, s.total_since FROM sluice.settlements AS s
            WHERE s.user_id = u.user_id AND s.settled_at > after AND s.settled_at < clock + interval '24 hours'
            ORDER BY s.settled_at DESC LIMIT 1
        ) AS n ON true
    ),
    added AS (
        INSERT INTO sluice.settlements (user_id, settled_at, call_id, admitted_at, model, input_tokens, cached_tokens,
            cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd, price_id, basis, is_correction, status,
            duration_ms, replica, input_total, output_total, cost_total, total_since)
        SELECT f.user_id, n.at + (f.nr - 1) * tick, f.call_id, f.admitted_at, f.model, f.input, f.cached, f.cache_write,
            f.output, f.reasoning, f.cost, f.price_id, f.basis::sluice.settlement_basis, f.is_correction, f.status,
            f.duration_ms, settle_many.replica, n.input_total + sum(f.input) OVER upto,
            n.output_total + sum(f.output) OVER upto, n.cost_total + coalesce(sum(f.cost) OVER upto, 0),
            coalesce(n.total_since, n.at)
        FROM fresh AS f JOIN newest AS n USING (user_id)
        WINDOW upto AS (PARTITION BY f.user_id ORDER BY f.nr ROWS UNBOUNDED PRECEDING)
    )
    SELECT a."position"::integer,
        CASE WHEN f."position" IS NULL THEN 'known' WHEN f.is_correction THEN 'corrected' ELSE 'settled' END, f.whole_cost
    FROM asked AS a LEFT JOIN fresh AS f USING ("position")
    UNION ALL
    SELECT c."position"::integer,
        CASE WHEN sluice.lock_key(c.user_id) = ANY (busy) THEN 'busy' ELSE 'no_call' END, NULL
    FROM unnest(user_ids, admitted_ats) WITH ORDINALITY AS c(user_id, admitted_at, "position")
    WHERE sluice.lock_key(c.user_id) = ANY (busy) OR c.admitted_at IS NULL;
END
$$;

COMMENT ON FUNCTION sluice.settle_many(user_ids uuid[], call_ids uuid[], admitted_ats timestamp with time zone[], models text[], input_tokens bigint[], cached_tokens bigint[], cache_write_tokens bigint[], output_tokens bigint[], reasoning_tokens bigint[], bases text[], statuses smallint[], durations_ms bigint[], replica text) IS 'Adds what calls have taken, each call once by its id. Waits for no lock. admitted_ats is what the admission answered, null to look for it. Rows come in any order; position is the settlement''s place in the arrays, from 1.';

CREATE TABLE sluice.settlements (
    user_id uuid NOT NULL,
    settled_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL,
    admitted_at timestamp with time zone NOT NULL,
    model text,
    input_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_nanousd bigint,
    price_id integer,
    basis sluice.settlement_basis NOT NULL,
    is_correction boolean NOT NULL,
    status smallint,
    duration_ms bigint,
    replica text,
    input_total bigint NOT NULL,
    output_total bigint NOT NULL,
    cost_total bigint NOT NULL,
    total_since timestamp with time zone NOT NULL,
    CONSTRAINT settlements_parts_within_whole CHECK ((is_correction OR ((LEAST(input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd) >= 0) AND ((cached_tokens + cache_write_tokens) <= input_tokens) AND (reasoning_tokens <= output_tokens)))),
    CONSTRAINT settlements_price_makes_cost CHECK (((cost_nanousd IS NULL) OR (price_id IS NOT NULL) OR is_correction))
)
PARTITION BY RANGE (settled_at);

COMMENT ON TABLE sluice.settlements IS 'What each finished call has taken: one row, or several whose sum counts, where figures that rest on more came later. Append-only.';

COMMENT ON COLUMN sluice.settlements.user_id IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.settlements.settled_at IS 'By this database''s clock, strictly increasing for a user.';

COMMENT ON COLUMN sluice.settlements.call_id IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.settlements.admitted_at IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.settlements.model IS 'The model that answered.';

COMMENT ON COLUMN sluice.settlements.input_tokens IS 'Of the question, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.settlements.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.settlements.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.settlements.output_tokens IS 'Of the answer, those of reasoning included.';

COMMENT ON COLUMN sluice.settlements.reasoning_tokens IS 'Part of output_tokens that the model thought and did not show.';

COMMENT ON COLUMN sluice.settlements.cost_nanousd IS 'By the price that was valid when the call was admitted, rounded half up; null where there was none.';

COMMENT ON COLUMN sluice.settlements.price_id IS 'The price in sluice.prices that made cost_nanousd.';

COMMENT ON COLUMN sluice.settlements.basis IS 'reported: as whoever made the call says. measured: as the provider reported. estimated: from what was seen of question and answer. drained: as the provider reported after the client had left. expired: the reservation, since nobody settled the call within its lease.';

COMMENT ON COLUMN sluice.settlements.is_correction IS 'Figures that rest on less were there: these are the differences to them, and may be negative.';

COMMENT ON COLUMN sluice.settlements.status IS 'HTTP status of the provider''s answer.';

COMMENT ON COLUMN sluice.settlements.duration_ms IS 'From the question to the end of the answer, in milliseconds.';

COMMENT ON COLUMN sluice.settlements.replica IS 'The replica that settled the call.';

COMMENT ON COLUMN sluice.settlements.input_total IS 'Sum of input_tokens of the user''s rows from total_since up to and including this one.';

COMMENT ON COLUMN sluice.settlements.output_total IS 'The same of output_tokens.';

COMMENT ON COLUMN sluice.settlements.cost_total IS 'The same of cost_nanousd, unknown costs left out.';

COMMENT ON COLUMN sluice.settlements.total_since IS 'settled_at of the row at which the totals began. Totals of two rows may be subtracted only where this is equal.';

CREATE FUNCTION sluice.settlement_line(r sluice.settlements) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
SELECT concat_ws(E'\t', r.user_id, r.settled_at, r.call_id, r.admitted_at, sluice.copy_text(r.model), r.input_tokens,
    r.cached_tokens, r.cache_write_tokens, r.output_tokens, r.reasoning_tokens, coalesce(r.cost_nanousd::text, '\N'),
    coalesce(r.price_id::text, '\N'), r.basis, CASE WHEN r.is_correction THEN 't' ELSE 'f' END,
    coalesce(r.status::text, '\N'), coalesce(r.duration_ms::text, '\N'), sluice.copy_text(r.replica), r.input_total,
    r.output_total, r.cost_total, r.total_since)
$$;

COMMENT ON FUNCTION sluice.settlement_line(r sluice.settlements) IS 'A row as COPY writes it, in format 1 of the seals, without the line feed.';

CREATE FUNCTION sluice.time_of(call_id uuid) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
SELECT CASE WHEN pg_catalog.substr(call_id::text, 15, 1) = '7' THEN
    pg_catalog.to_timestamp(('x' || pg_catalog.replace(pg_catalog.left(call_id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) END
$$;

COMMENT ON FUNCTION sluice.time_of(call_id uuid) IS 'When a call id of version 7 was made, by the clock of whoever made it; null for any other.';

CREATE FUNCTION sluice.total_reached_at(wanted_user uuid, after timestamp with time zone, until timestamp with time zone, threshold bigint) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
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

CREATE FUNCTION sluice.unsealed_late_calls(day_from date, day_until date) RETURNS TABLE(user_id uuid, admitted_at timestamp with time zone, call_id uuid)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
SELECT c.user_id, c.admitted_at, c.call_id FROM sluice.calls AS c
WHERE c.mode = 'unchecked' AND c.admitted_at >= day_from::timestamp AT TIME ZONE 'UTC'
    AND c.admitted_at < day_until::timestamp AT TIME ZONE 'UTC'
    AND NOT EXISTS (
        SELECT FROM sluice.seal_late_calls AS l JOIN sluice.seals AS s USING (seal_no)
        WHERE l.admitted_at = c.admitted_at AND l.user_id = c.user_id AND l.call_id = c.call_id
            AND s.ledger = 'calls' AND s.day = (c.admitted_at AT TIME ZONE 'UTC')::date)
$$;

COMMENT ON FUNCTION sluice.unsealed_late_calls(day_from date, day_until date) IS 'Unchecked calls of UTC days, the last one left out, that no seal has.';

CREATE FUNCTION sluice.user_facts(user_id uuid) RETURNS TABLE(calls bigint, unchecked bigint, last_unchecked_at timestamp with time zone, refusal_minutes timestamp with time zone[], refusal_counts bigint[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
DECLARE
    wanted_user CONSTANT uuid := user_facts.user_id;
    after CONSTANT timestamptz := sluice.clock() - interval '24 hours';
    ahead CONSTANT timestamptz := sluice.clock() + interval '24 hours';
BEGIN
    RETURN QUERY
    SELECT
        (SELECT count(*) FROM sluice.calls AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead),
        u.calls, u.last_at, r.minutes, r.counts
    FROM (
        SELECT count(*) AS calls, max(c.admitted_at) AS last_at FROM sluice.calls AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead AND c.running_total IS NULL
    ) AS u,
    (
        SELECT coalesce(array_agg(m.minute ORDER BY m.minute DESC), '{}') AS minutes,
            coalesce(array_agg(m.refused ORDER BY m.minute DESC), '{}') AS counts
        FROM (
            SELECT f.minute, sum(f.refused)::bigint AS refused FROM sluice.refusals AS f
            WHERE f.user_id = wanted_user AND f.minute > after AND f.minute < ahead
            GROUP BY f.minute ORDER BY f.minute DESC LIMIT 60
        ) AS m
    ) AS r;
END
$$;

COMMENT ON FUNCTION sluice.user_facts(user_id uuid) IS 'How a user fared over the last 24 hours: calls, those of them that were let through in an outage, and refusals by minute, newest first.';

CREATE FUNCTION sluice.users_with_known_ids(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], lengths bigint[]) RETURNS uuid[]
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
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

CREATE FUNCTION sluice.weight_left_at(wanted_user uuid, after timestamp with time zone, until timestamp with time zone, need bigint, allowed bigint) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
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

CREATE FUNCTION sluice.weight_of_basis(basis sluice.settlement_basis) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$SELECT CASE basis WHEN 'reported' THEN 0 WHEN 'expired' THEN 1 ELSE 2 END$$;

COMMENT ON FUNCTION sluice.weight_of_basis(basis sluice.settlement_basis) IS 'How much figures count: those of a call are corrected by figures that count more, and by no others.';

CREATE FUNCTION sluice.window_state(wanted_user uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) RETURNS sluice.window_state
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF sluice.is_recent(clock, lengths) THEN
        RETURN sluice.window_state_recent(wanted_user, clock, limits, lengths);
    END IF;
    RETURN sluice.window_state_anywhere(wanted_user, clock, limits, lengths);
END
$$;

CREATE FUNCTION sluice.window_state_anywhere(wanted_user uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) RETURNS sluice.window_state
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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
        SELECT c.admitted_at, c.running_total, c.total_since FROM sluice.calls AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
        ORDER BY c.admitted_at DESC LIMIT reach
    ) AS c
    WHERE c.running_total IS NOT NULL ORDER BY c.admitted_at DESC LIMIT 1;
    state.at := greatest(clock, state.newest_at + tick);
    after := least(after, clock - interval '1 hour');
    state.has_unchecked := EXISTS (
        SELECT FROM sluice.calls AS c
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
                SELECT c.admitted_at, c.running_total, c.weight, c.total_since FROM sluice.calls AS c
                WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                ORDER BY c.admitted_at LIMIT reach
            ) AS c
            WHERE c.running_total IS NOT NULL ORDER BY c.admitted_at LIMIT 1;
        END IF;
        IF oldest_since <> state.total_since THEN
            SELECT min(c.admitted_at), coalesce(sum(c.weight), 0) INTO oldest_at, used FROM sluice.calls AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead;
            base := NULL;
        ELSE
            used := coalesce(state.total - base, 0);
            IF state.has_unchecked THEN
                -- Far above the limit it does not matter by how much.
                SELECT sum(n.weight) INTO unchecked FROM (
                    SELECT c.weight FROM sluice.calls AS c
                    WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                        AND c.running_total IS NULL
                    ORDER BY c.admitted_at DESC LIMIT reach
                ) AS n;
                IF unchecked IS NOT NULL THEN
                    SELECT c.admitted_at INTO unchecked_at FROM sluice.calls AS c
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
$$;

CREATE FUNCTION sluice.window_state_recent(wanted_user uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) RETURNS sluice.window_state
    LANGUAGE plpgsql
    AS $$
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
        SELECT c.admitted_at, c.running_total, c.total_since FROM sluice.recent AS c
        WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
        ORDER BY c.admitted_at DESC LIMIT reach
    ) AS c
    WHERE c.running_total IS NOT NULL ORDER BY c.admitted_at DESC LIMIT 1;
    state.at := greatest(clock, state.newest_at + tick);
    after := least(after, clock - interval '1 hour');
    state.has_unchecked := EXISTS (
        SELECT FROM sluice.recent AS c
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
                SELECT c.admitted_at, c.running_total, c.weight, c.total_since FROM sluice.recent AS c
                WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                ORDER BY c.admitted_at LIMIT reach
            ) AS c
            WHERE c.running_total IS NOT NULL ORDER BY c.admitted_at LIMIT 1;
        END IF;
        IF oldest_since <> state.total_since THEN
            SELECT min(c.admitted_at), coalesce(sum(c.weight), 0) INTO oldest_at, used FROM sluice.recent AS c
            WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead;
            base := NULL;
        ELSE
            used := coalesce(state.total - base, 0);
            IF state.has_unchecked THEN
                -- Far above the limit it does not matter by how much.
                SELECT sum(n.weight) INTO unchecked FROM (
                    SELECT c.weight FROM sluice.recent AS c
                    WHERE c.user_id = wanted_user AND c.admitted_at > after AND c.admitted_at < ahead
                        AND c.running_total IS NULL
                    ORDER BY c.admitted_at DESC LIMIT reach
                ) AS n;
                IF unchecked IS NOT NULL THEN
                    SELECT c.admitted_at INTO unchecked_at FROM sluice.recent AS c
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
$$;

CREATE TABLE sluice.api_keys (
    key_id uuid DEFAULT sluice.new_call_id() NOT NULL,
    digest bytea NOT NULL,
    prefix text NOT NULL,
    name text,
    user_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT sluice.clock() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT api_keys_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT api_keys_name_in_range CHECK (((length(name) >= 1) AND (length(name) <= 128))),
    CONSTRAINT api_keys_prefix_in_range CHECK ((prefix ~ '^[!-~]{1,32}$'::text)),
    CONSTRAINT api_keys_role_known CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'readonly'::text, 'agent'::text, 'service'::text])))
);

COMMENT ON TABLE sluice.api_keys IS 'API keys, for ever: calls in the ledger name them. A key ends by revoked_at or expires_at.';

COMMENT ON COLUMN sluice.api_keys.key_id IS 'Names the key in sluice.calls; a UUID version 7.';

COMMENT ON COLUMN sluice.api_keys.digest IS 'SHA-256 of the key.';

COMMENT ON COLUMN sluice.api_keys.prefix IS 'The first characters of the key, by which its owner knows it again.';

COMMENT ON COLUMN sluice.api_keys.name IS 'What its owner calls it.';

COMMENT ON COLUMN sluice.api_keys.user_id IS 'Whose window calls with this key count in.';

COMMENT ON COLUMN sluice.api_keys.role IS 'What it may do: admin, operator, readonly, agent or service.';

COMMENT ON COLUMN sluice.api_keys.created_at IS 'When it was made.';

COMMENT ON COLUMN sluice.api_keys.expires_at IS 'When it ends by itself; null: never.';

COMMENT ON COLUMN sluice.api_keys.revoked_at IS 'When it was ended for good.';

COMMENT ON COLUMN sluice.api_keys.last_used_at IS 'Within some minutes: replicas write it down now and then.';

CREATE TABLE sluice.assignments (
    assignment_id integer NOT NULL,
    user_id uuid,
    role text,
    policy_id integer NOT NULL,
    valid_from timestamp with time zone DEFAULT sluice.clock() NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    changed_by text DEFAULT SESSION_USER NOT NULL,
    note text,
    CONSTRAINT assignments_note_in_range CHECK (((length(note) >= 1) AND (length(note) <= 1024))),
    CONSTRAINT assignments_role_known CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'readonly'::text, 'agent'::text, 'service'::text]))),
    CONSTRAINT assignments_to_one CHECK ((num_nonnulls(user_id, role) <= 1)),
    CONSTRAINT assignments_valid_for_a_time CHECK ((valid_from < valid_until))
);

COMMENT ON TABLE sluice.assignments IS 'Which policy is for whom. Not looked at in this release: policy 1 is for everybody.';

COMMENT ON COLUMN sluice.assignments.assignment_id IS 'Names the row.';

COMMENT ON COLUMN sluice.assignments.user_id IS 'For this user, before what is for the role or for everybody.';

COMMENT ON COLUMN sluice.assignments.role IS 'For users of this role. Neither this nor user_id: for everybody else.';

COMMENT ON COLUMN sluice.assignments.policy_id IS 'As in sluice.policies.';

COMMENT ON COLUMN sluice.assignments.valid_from IS 'From when on it is so.';

COMMENT ON COLUMN sluice.assignments.valid_until IS 'Until when, this moment excluded.';

COMMENT ON COLUMN sluice.assignments.changed_by IS 'The database role that added the row.';

COMMENT ON COLUMN sluice.assignments.note IS 'Why, in somebody''s words.';

ALTER TABLE sluice.assignments ALTER COLUMN assignment_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME sluice.assignments_assignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW sluice.call_origins AS
 SELECT c.user_id,
    c.admitted_at,
    c.call_id,
    c.key_id,
    c.route
   FROM sluice.calls c;

COMMENT ON VIEW sluice.call_origins IS 'Where calls came from: join it to sluice.spend_rows by user_id, call_id and admitted_at, and filter on admitted_at in both.';

COMMENT ON COLUMN sluice.call_origins.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.call_origins.admitted_at IS 'When the call was let through, as in sluice.calls.';

COMMENT ON COLUMN sluice.call_origins.call_id IS 'The call, as in sluice.calls.';

COMMENT ON COLUMN sluice.call_origins.key_id IS 'The API key, as in sluice.key_list; null for a token.';

COMMENT ON COLUMN sluice.call_origins.route IS 'What was called, in the caller''s words.';

CREATE VIEW sluice.calls_unchecked AS
 SELECT c.admitted_at,
    c.user_id,
    c.call_id,
    c.weight,
    c.replica,
    c.route,
    c.model,
    c.key_id,
    c.policy_id
   FROM sluice.calls c
  WHERE (c.mode = 'unchecked'::sluice.call_mode);

COMMENT ON VIEW sluice.calls_unchecked IS 'Calls let through while the database could not decide, and recorded later.';

COMMENT ON COLUMN sluice.calls_unchecked.admitted_at IS 'When the call was let through, as in sluice.calls.';

COMMENT ON COLUMN sluice.calls_unchecked.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.calls_unchecked.call_id IS 'The call, as in sluice.calls.';

COMMENT ON COLUMN sluice.calls_unchecked.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.calls_unchecked.replica IS 'The replica of the service that let the calls through.';

COMMENT ON COLUMN sluice.calls_unchecked.route IS 'What was called, in the caller''s words.';

COMMENT ON COLUMN sluice.calls_unchecked.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.calls_unchecked.key_id IS 'The API key, as in sluice.key_list; null for a token.';

COMMENT ON COLUMN sluice.calls_unchecked.policy_id IS 'The policy that decided; 1 is the built-in default.';

CREATE TABLE sluice.lease_progress (
    is_one boolean DEFAULT true NOT NULL,
    settled_until timestamp with time zone NOT NULL,
    late_checked_at timestamp with time zone NOT NULL,
    CONSTRAINT lease_progress_is_one CHECK (is_one)
);

COMMENT ON TABLE sluice.lease_progress IS 'How far the leases of calls have been looked through, by sluice.expire_calls. One row.';

COMMENT ON COLUMN sluice.lease_progress.is_one IS 'Sees to it that there is one row.';

COMMENT ON COLUMN sluice.lease_progress.settled_until IS 'Calls admitted up to here are settled.';

COMMENT ON COLUMN sluice.lease_progress.late_checked_at IS 'When calls that were recorded after an outage were looked through for the last time.';

CREATE VIEW sluice.calls_unsettled AS
 SELECT c.admitted_at,
    c.user_id,
    c.call_id,
    c.mode,
    c.replica,
    c.route,
    c.model,
    c.key_id,
    c.reserved_input,
    c.reserved_output,
    c.reserved_cost
   FROM ( SELECT n.user_id,
            n.admitted_at,
            n.call_id,
            n.weight,
            n.running_total,
            n.total_since,
            n.policy_id,
            n.mode,
            n.id_supplied,
            n.route,
            n.model,
            n.replica,
            n.key_id,
            n.logical_id,
            n.attempt,
            n.reserved_input,
            n.reserved_output,
            n.reserved_cost
           FROM sluice.calls n
          WHERE ((n.reserved_input IS NOT NULL) AND (n.admitted_at > ( SELECT (p.settled_until - '00:01:00'::interval)
                   FROM sluice.lease_progress p)))
        UNION ALL
         SELECT l.user_id,
            l.admitted_at,
            l.call_id,
            l.weight,
            l.running_total,
            l.total_since,
            l.policy_id,
            l.mode,
            l.id_supplied,
            l.route,
            l.model,
            l.replica,
            l.key_id,
            l.logical_id,
            l.attempt,
            l.reserved_input,
            l.reserved_output,
            l.reserved_cost
           FROM sluice.calls l
          WHERE ((l.reserved_input IS NOT NULL) AND (l.mode = 'unchecked'::sluice.call_mode) AND (l.admitted_at > (now() - '7 days'::interval)) AND (l.admitted_at <= ( SELECT (p.settled_until - '00:01:00'::interval)
                   FROM sluice.lease_progress p)))) c
  WHERE (NOT (EXISTS ( SELECT
           FROM sluice.settlements s
          WHERE ((s.user_id = c.user_id) AND (s.call_id = c.call_id) AND (s.basis <> 'reported'::sluice.settlement_basis) AND (s.settled_at > ( SELECT LEAST((p.settled_until - '25:00:00'::interval), (now() - '8 days'::interval)) AS "least"
                   FROM sluice.lease_progress p))))));

COMMENT ON VIEW sluice.calls_unsettled IS 'Calls of the gateway that are open: running now, or waiting for their lease to end.';

COMMENT ON COLUMN sluice.calls_unsettled.admitted_at IS 'When the call was let through, as in sluice.calls.';

COMMENT ON COLUMN sluice.calls_unsettled.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.calls_unsettled.call_id IS 'The call, as in sluice.calls.';

COMMENT ON COLUMN sluice.calls_unsettled.mode IS 'How the call was admitted, as in sluice.calls.';

COMMENT ON COLUMN sluice.calls_unsettled.replica IS 'The replica of the service that let the calls through.';

COMMENT ON COLUMN sluice.calls_unsettled.route IS 'What was called, in the caller''s words.';

COMMENT ON COLUMN sluice.calls_unsettled.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.calls_unsettled.key_id IS 'The API key, as in sluice.key_list; null for a token.';

COMMENT ON COLUMN sluice.calls_unsettled.reserved_input IS 'Tokens of the question, as estimated at admission.';

COMMENT ON COLUMN sluice.calls_unsettled.reserved_output IS 'Tokens of the answer at most, as estimated at admission.';

COMMENT ON COLUMN sluice.calls_unsettled.reserved_cost IS 'Nano-USD at most, by the prices of the moment; null where no price was known.';

CREATE TABLE sluice.daily_model_spend (
    day date NOT NULL,
    model text NOT NULL,
    calls bigint NOT NULL,
    weight bigint NOT NULL,
    unchecked bigint NOT NULL,
    settled bigint NOT NULL,
    unpriced bigint NOT NULL,
    input_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_nanousd numeric NOT NULL
);

COMMENT ON TABLE sluice.daily_model_spend IS 'sluice.daily_spend summed up by day and model, over all users. Read sluice.spend_by_model.';

COMMENT ON COLUMN sluice.daily_model_spend.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.daily_model_spend.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.daily_model_spend.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.daily_model_spend.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.daily_model_spend.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.daily_model_spend.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.daily_model_spend.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.daily_model_spend.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.daily_model_spend.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.daily_model_spend.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.daily_model_spend.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.daily_model_spend.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.daily_model_spend.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

CREATE TABLE sluice.daily_spend (
    user_id uuid NOT NULL,
    day date NOT NULL,
    model text NOT NULL,
    part smallint NOT NULL,
    calls bigint NOT NULL,
    weight bigint NOT NULL,
    unchecked bigint NOT NULL,
    settled bigint NOT NULL,
    unpriced bigint NOT NULL,
    input_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_nanousd numeric NOT NULL
);

COMMENT ON TABLE sluice.daily_spend IS 'The ledger summed up by user, UTC day and model, for days that are over. Derived from the ledger, and stays when its rows go. Read sluice.spend_daily.';

COMMENT ON COLUMN sluice.daily_spend.user_id IS 'Who spent it.';

COMMENT ON COLUMN sluice.daily_spend.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.daily_spend.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; empty where unknown; at most 256 characters.';

COMMENT ON COLUMN sluice.daily_spend.part IS '0: what was decided and settled in order, which no longer changes. 1 and more: calls let through in an outage; a new part begins where late ones come to a day whose rows retention has dropped.';

COMMENT ON COLUMN sluice.daily_spend.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.daily_spend.weight IS 'Sum of the weights of those calls.';

COMMENT ON COLUMN sluice.daily_spend.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.daily_spend.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.daily_spend.unpriced IS 'Those of the settled calls whose price was not known.';

COMMENT ON COLUMN sluice.daily_spend.input_tokens IS 'As in sluice.settlements, summed up, corrections included.';

COMMENT ON COLUMN sluice.daily_spend.cached_tokens IS 'As in sluice.settlements, summed up, corrections included.';

COMMENT ON COLUMN sluice.daily_spend.cache_write_tokens IS 'As in sluice.settlements, summed up, corrections included.';

COMMENT ON COLUMN sluice.daily_spend.output_tokens IS 'As in sluice.settlements, summed up, corrections included.';

COMMENT ON COLUMN sluice.daily_spend.reasoning_tokens IS 'As in sluice.settlements, summed up, corrections included.';

COMMENT ON COLUMN sluice.daily_spend.cost_nanousd IS 'Nano-USD, summed up, corrections included; unknown costs count 0.';

CREATE VIEW sluice.key_list AS
 SELECT k.key_id,
    k.user_id,
    k.prefix,
    k.name,
    k.role,
    k.created_at,
    k.expires_at,
    k.revoked_at,
    k.last_used_at
   FROM sluice.api_keys k;

COMMENT ON VIEW sluice.key_list IS 'API keys, without their digests.';

COMMENT ON COLUMN sluice.key_list.key_id IS 'The API key, as in sluice.key_list; null for a token.';

COMMENT ON COLUMN sluice.key_list.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.key_list.prefix IS 'The first characters of the key.';

COMMENT ON COLUMN sluice.key_list.name IS 'What its maker called the key.';

COMMENT ON COLUMN sluice.key_list.role IS 'What the key''s bearer may do.';

COMMENT ON COLUMN sluice.key_list.created_at IS 'When the key was made.';

COMMENT ON COLUMN sluice.key_list.expires_at IS 'When the key ends by itself; null for never.';

COMMENT ON COLUMN sluice.key_list.revoked_at IS 'When the key was ended; null if it was not.';

COMMENT ON COLUMN sluice.key_list.last_used_at IS 'When the key was last used, within some minutes.';

-- Name: later; Type: VIEW: replaced by sluice.cover_recent

COMMENT ON VIEW sluice.later IS 'The partitions of sluice.recent after the one of now. Empty, unless a clock was set back or a replica''s clock is ahead.';

CREATE VIEW sluice.ledger_calls AS
 SELECT c.user_id,
    c.admitted_at,
    c.call_id,
    c.weight,
    c.running_total,
    c.total_since,
    c.policy_id,
    c.mode,
    c.id_supplied,
    c.route,
    c.model,
    c.replica,
    c.key_id,
    c.logical_id,
    c.attempt,
    c.reserved_input,
    c.reserved_output,
    c.reserved_cost
   FROM sluice.calls c;

COMMENT ON VIEW sluice.ledger_calls IS 'The rows of sluice.calls as they are: one per call that was let through. Name a range of admitted_at, and only the partitions of those days are read.';

COMMENT ON COLUMN sluice.ledger_calls.user_id IS 'Whose window the call counts in.';

COMMENT ON COLUMN sluice.ledger_calls.admitted_at IS 'By this database''s clock, strictly increasing for a user; of an unchecked row, by the clock of the replica that let it through.';

COMMENT ON COLUMN sluice.ledger_calls.call_id IS 'UUID version 7, made by the client, so that a retry is recognised as the same call.';

COMMENT ON COLUMN sluice.ledger_calls.weight IS 'How much of the window the call takes.';

COMMENT ON COLUMN sluice.ledger_calls.running_total IS 'Sum of the weights of the user''s enforced rows from total_since up to and including this one; null for rows that were never counted in order.';

COMMENT ON COLUMN sluice.ledger_calls.total_since IS 'admitted_at of the row at which running_total began. Totals of two rows may be subtracted only where this is equal.';

COMMENT ON COLUMN sluice.ledger_calls.policy_id IS 'The policy that decided; 1 is the built-in default.';

COMMENT ON COLUMN sluice.ledger_calls.mode IS 'enforced: counted before it was let through. unchecked: let through while the database could not decide, recorded later. shadow: counted, never refused.';

COMMENT ON COLUMN sluice.ledger_calls.id_supplied IS 'The caller chose call_id, so it may come again and is looked up.';

COMMENT ON COLUMN sluice.ledger_calls.route IS 'What was called, in the caller''s words.';

COMMENT ON COLUMN sluice.ledger_calls.model IS 'The model that was asked for.';

COMMENT ON COLUMN sluice.ledger_calls.replica IS 'The replica of the service that let the call through.';

COMMENT ON COLUMN sluice.ledger_calls.key_id IS 'The API key that the caller presented, in sluice.api_keys; null for a token, and for calls of which others told.';

COMMENT ON COLUMN sluice.ledger_calls.logical_id IS 'The same for all attempts of a client at one call; each attempt that reaches a model is a row.';

COMMENT ON COLUMN sluice.ledger_calls.attempt IS '0 for the first attempt, then as the client counts its retries.';

COMMENT ON COLUMN sluice.ledger_calls.reserved_input IS 'Tokens of the question, as estimated at admission. Not null: the call is open until it is settled or its lease ends.';

COMMENT ON COLUMN sluice.ledger_calls.reserved_output IS 'Tokens of the answer at most, as estimated at admission.';

COMMENT ON COLUMN sluice.ledger_calls.reserved_cost IS 'Nano-USD at most, by the prices of the moment; null where no price was known.';

CREATE TABLE sluice.refusals (
    user_id uuid NOT NULL,
    minute timestamp with time zone NOT NULL,
    policy_id integer NOT NULL,
    refused bigint NOT NULL,
    replica text,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT refusals_refused_in_range CHECK ((refused > 0))
)
PARTITION BY RANGE (minute);

COMMENT ON TABLE sluice.refusals IS 'How often users were refused: counts that replicas write down now and then; those of one user, policy and minute add up. Append-only.';

COMMENT ON COLUMN sluice.refusals.user_id IS 'Who was refused.';

COMMENT ON COLUMN sluice.refusals.minute IS 'In which minute, by its beginning.';

COMMENT ON COLUMN sluice.refusals.policy_id IS 'The policy that refused; 1 is the default.';

COMMENT ON COLUMN sluice.refusals.refused IS 'How many calls.';

COMMENT ON COLUMN sluice.refusals.replica IS 'The replica that refused them.';

COMMENT ON COLUMN sluice.refusals.recorded_at IS 'When it was written down.';

CREATE VIEW sluice.ledger_days AS
 SELECT (b.first_day + n.n) AS day,
    (((b.first_day + n.n))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS starts_at,
    ((((b.first_day + n.n) + 1))::timestamp without time zone AT TIME ZONE 'UTC'::text) AS ends_at
   FROM (( SELECT ((min((p.bounds[1])::timestamp with time zone) AT TIME ZONE 'UTC'::text))::date AS first_day,
            ((max((p.bounds[2])::timestamp with time zone) AT TIME ZONE 'UTC'::text))::date AS end_day
           FROM ( SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)'::text) AS bounds
                   FROM (pg_inherits i
                     JOIN pg_class c ON ((c.oid = i.inhrelid)))
                  WHERE (i.inhparent = ANY (ARRAY[('sluice.calls'::regclass)::oid, ('sluice.settlements'::regclass)::oid, ('sluice.refusals'::regclass)::oid]))) p) b
     CROSS JOIN LATERAL generate_series(0, ((b.end_day - b.first_day) - 1)) n(n));

COMMENT ON VIEW sluice.ledger_days IS 'The UTC days that the ledger''s partitions cover.';

COMMENT ON COLUMN sluice.ledger_days.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.ledger_days.starts_at IS 'Midnight UTC at which the day begins.';

COMMENT ON COLUMN sluice.ledger_days.ends_at IS 'Midnight UTC at which it ends, which belongs to the next.';

CREATE VIEW sluice.ledger_settlements AS
 SELECT s.user_id,
    s.settled_at,
    s.call_id,
    s.admitted_at,
    s.model,
    s.input_tokens,
    s.cached_tokens,
    s.cache_write_tokens,
    s.output_tokens,
    s.reasoning_tokens,
    s.cost_nanousd,
    s.price_id,
    s.basis,
    s.is_correction,
    s.status,
    s.duration_ms,
    s.replica,
    s.input_total,
    s.output_total,
    s.cost_total,
    s.total_since
   FROM sluice.settlements s;

COMMENT ON VIEW sluice.ledger_settlements IS 'The rows of sluice.settlements as they are: what calls have taken. Name a range of settled_at, and only the partitions of those days are read.';

COMMENT ON COLUMN sluice.ledger_settlements.user_id IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.ledger_settlements.settled_at IS 'By this database''s clock, strictly increasing for a user.';

COMMENT ON COLUMN sluice.ledger_settlements.call_id IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.ledger_settlements.admitted_at IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.ledger_settlements.model IS 'The model that answered.';

COMMENT ON COLUMN sluice.ledger_settlements.input_tokens IS 'Of the question, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.ledger_settlements.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.ledger_settlements.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.ledger_settlements.output_tokens IS 'Of the answer, those of reasoning included.';

COMMENT ON COLUMN sluice.ledger_settlements.reasoning_tokens IS 'Part of output_tokens that the model thought and did not show.';

COMMENT ON COLUMN sluice.ledger_settlements.cost_nanousd IS 'By the price that was valid when the call was admitted, rounded half up; null where there was none.';

COMMENT ON COLUMN sluice.ledger_settlements.price_id IS 'The price in sluice.prices that made cost_nanousd.';

COMMENT ON COLUMN sluice.ledger_settlements.basis IS 'reported: as whoever made the call says. measured: as the provider reported. estimated: from what was seen of question and answer. drained: as the provider reported after the client had left. expired: the reservation, since nobody settled the call within its lease.';

COMMENT ON COLUMN sluice.ledger_settlements.is_correction IS 'Figures that rest on less were there: these are the differences to them, and may be negative.';

COMMENT ON COLUMN sluice.ledger_settlements.status IS 'HTTP status of the provider''s answer.';

COMMENT ON COLUMN sluice.ledger_settlements.duration_ms IS 'From the question to the end of the answer, in milliseconds.';

COMMENT ON COLUMN sluice.ledger_settlements.replica IS 'The replica that settled the call.';

COMMENT ON COLUMN sluice.ledger_settlements.input_total IS 'Sum of input_tokens of the user''s rows from total_since up to and including this one.';

COMMENT ON COLUMN sluice.ledger_settlements.output_total IS 'The same of output_tokens.';

COMMENT ON COLUMN sluice.ledger_settlements.cost_total IS 'The same of cost_nanousd, unknown costs left out.';

COMMENT ON COLUMN sluice.ledger_settlements.total_since IS 'settled_at of the row at which the totals began. Totals of two rows may be subtracted only where this is equal.';

CREATE TABLE sluice.migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

COMMENT ON TABLE sluice.migrations IS 'The migrations that this database has taken.';

COMMENT ON COLUMN sluice.migrations.version IS 'Its number; they are taken in this order.';

COMMENT ON COLUMN sluice.migrations.name IS 'Its file''s name, without number and ending.';

COMMENT ON COLUMN sluice.migrations.checksum IS 'SHA-256 of its file, in hexadecimal.';

COMMENT ON COLUMN sluice.migrations.applied_at IS 'When it was taken.';

CREATE TABLE sluice.monthly_spend (
    user_id uuid NOT NULL,
    month date NOT NULL,
    calls bigint NOT NULL,
    weight bigint NOT NULL,
    unchecked bigint NOT NULL,
    settled bigint NOT NULL,
    unpriced bigint NOT NULL,
    input_tokens bigint NOT NULL,
    cached_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_nanousd numeric NOT NULL
)
WITH (fillfactor='80');

COMMENT ON TABLE sluice.monthly_spend IS 'sluice.daily_spend summed up by user and month, the days of the current month that are over included. Read sluice.spend_monthly.';

COMMENT ON COLUMN sluice.monthly_spend.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.monthly_spend.month IS 'The first day of the month, of UTC.';

COMMENT ON COLUMN sluice.monthly_spend.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.monthly_spend.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.monthly_spend.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.monthly_spend.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.monthly_spend.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.monthly_spend.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.monthly_spend.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.monthly_spend.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.monthly_spend.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.monthly_spend.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.monthly_spend.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

-- Name: near; Type: VIEW: replaced by sluice.cover_recent

COMMENT ON VIEW sluice.near IS 'The partitions of sluice.recent up to the one of now.';

-- Name: open_partition; Type: VIEW: replaced by sluice.cover_recent

COMMENT ON VIEW sluice.open_partition IS 'The partition of sluice.calls that the rows of now go to.';

CREATE VIEW sluice.outages AS
 SELECT s.replica,
    min(s.admitted_at) AS first_at,
    max(s.admitted_at) AS last_at,
    count(*) AS calls,
    count(DISTINCT s.user_id) AS users,
    (sum(s.weight))::bigint AS weight
   FROM ( SELECT g.replica,
            g.admitted_at,
            g.user_id,
            g.weight,
            count(*) FILTER (WHERE g.is_first) OVER (PARTITION BY g.replica ORDER BY g.admitted_at, g.user_id, g.call_id) AS span
           FROM ( SELECT u.admitted_at,
                    u.user_id,
                    u.call_id,
                    u.weight,
                    u.replica,
                    u.route,
                    u.model,
                    u.key_id,
                    u.policy_id,
                    COALESCE(((u.admitted_at - lag(u.admitted_at) OVER (PARTITION BY u.replica ORDER BY u.admitted_at, u.user_id, u.call_id)) > '00:05:00'::interval), true) AS is_first
                   FROM sluice.calls_unchecked u) g) s
  GROUP BY s.replica, s.span;

COMMENT ON VIEW sluice.outages IS 'Spans in which a replica let calls through unchecked: calls no more than five minutes apart are one span.';

COMMENT ON COLUMN sluice.outages.replica IS 'The replica of the service that let the calls through.';

COMMENT ON COLUMN sluice.outages.first_at IS 'The first call of the span.';

COMMENT ON COLUMN sluice.outages.last_at IS 'The last call of the span.';

COMMENT ON COLUMN sluice.outages.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.outages.users IS 'Users of those calls.';

COMMENT ON COLUMN sluice.outages.weight IS 'Sum of the weights of the calls.';

CREATE TABLE sluice.retirements (
    retirement_id integer NOT NULL,
    parent text NOT NULL,
    partition text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    action text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    begun_by text NOT NULL,
    kept_as text,
    rows bigint,
    finished_at timestamp with time zone,
    CONSTRAINT retirements_action_known CHECK ((action = ANY (ARRAY['drop'::text, 'detach'::text, 'export'::text]))),
    CONSTRAINT retirements_range_not_empty CHECK ((starts_at < ends_at))
);

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

CREATE VIEW sluice.partitions AS
 SELECT b.parent,
    b.partition,
    b.starts_at,
    b.ends_at,
    b.state,
    (NULLIF(c.reltuples, ('-1'::integer)::double precision))::bigint AS rows_estimated,
    pg_table_size((c.oid)::regclass) AS table_bytes,
    pg_indexes_size((c.oid)::regclass) AS index_bytes
   FROM (( SELECT p.parent,
            p.partition,
            p.starts_at,
            p.ends_at,
                CASE
                    WHEN p.is_leaving THEN 'leaving'::text
                    ELSE 'attached'::text
                END AS state
           FROM sluice.partition_bounds() p(parent, partition, starts_at, ends_at, is_leaving)
        UNION ALL
         SELECT r.parent,
            r.kept_as,
            r.starts_at,
            r.ends_at,
                CASE
                    WHEN (r.finished_at IS NULL) THEN 'exporting'::text
                    ELSE 'detached'::text
                END AS "case"
           FROM sluice.retirements r
          WHERE (r.kept_as IS NOT NULL)
        UNION ALL
         SELECT r.parent,
            r.partition,
            r.starts_at,
            r.ends_at,
            'leaving'::text
           FROM sluice.retirements r
          WHERE ((r.finished_at IS NULL) AND (r.kept_as IS NULL) AND (NOT (EXISTS ( SELECT
                   FROM sluice.partition_bounds() p(parent, partition, starts_at, ends_at, is_leaving)
                  WHERE (p.partition = r.partition)))))) b
     JOIN pg_class c ON (((c.relnamespace = ('sluice'::regnamespace)::oid) AND (c.relname = b.partition))));

COMMENT ON VIEW sluice.partitions IS 'The ledger''s partitions, and the tables that were some once.';

COMMENT ON COLUMN sluice.partitions.parent IS 'The table of the ledger.';

COMMENT ON COLUMN sluice.partitions.partition IS 'The table that holds the rows.';

COMMENT ON COLUMN sluice.partitions.starts_at IS 'It holds rows from here on.';

COMMENT ON COLUMN sluice.partitions.ends_at IS 'It holds rows from before this.';

COMMENT ON COLUMN sluice.partitions.state IS 'attached: part of the ledger. leaving: its detachment is under way. detached: kept, no part of the ledger any more. exporting: the same, and dropped when it is written to files.';

COMMENT ON COLUMN sluice.partitions.rows_estimated IS 'As last estimated by ANALYZE; null where that never ran.';

COMMENT ON COLUMN sluice.partitions.table_bytes IS 'Bytes on disk, without indexes.';

COMMENT ON COLUMN sluice.partitions.index_bytes IS 'Bytes on disk of its indexes.';

CREATE TABLE sluice.policies (
    policy_id integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    name text NOT NULL,
    mode sluice.policy_mode NOT NULL,
    on_outage sluice.outage_behavior NOT NULL,
    changed_by text DEFAULT SESSION_USER NOT NULL,
    replica text,
    note text,
    CONSTRAINT policies_id_in_range CHECK ((policy_id > 0)),
    CONSTRAINT policies_name_in_range CHECK ((name ~ '^[A-Za-z0-9._-]{1,64}$'::text)),
    CONSTRAINT policies_note_in_range CHECK (((length(note) >= 1) AND (length(note) <= 1024))),
    CONSTRAINT policies_valid_for_a_time CHECK ((valid_from < valid_until))
);

COMMENT ON TABLE sluice.policies IS 'Every version of every policy. In this release replicas enforce one policy, number 1, as their configuration has it, and write it down here when they start; rows do not change what they do.';

COMMENT ON COLUMN sluice.policies.policy_id IS 'As in sluice.calls; 1 is the default, from the configuration.';

COMMENT ON COLUMN sluice.policies.valid_from IS 'From when on this version was in force; names the version. Of the default: when a replica first said so.';

COMMENT ON COLUMN sluice.policies.valid_until IS 'Until when, this moment excluded; infinity for the one in force.';

COMMENT ON COLUMN sluice.policies.name IS 'What clients are told.';

COMMENT ON COLUMN sluice.policies.mode IS 'enforce: calls beyond a window are refused. shadow: they are counted and let through. off: neither.';

COMMENT ON COLUMN sluice.policies.on_outage IS 'What happens to a call that the database cannot decide. open: let through. bounded: decided by a window local to the replica. closed: turned away.';

COMMENT ON COLUMN sluice.policies.changed_by IS 'The database role that made this version.';

COMMENT ON COLUMN sluice.policies.replica IS 'The replica whose configuration it was.';

COMMENT ON COLUMN sluice.policies.note IS 'Why, in somebody''s words.';

CREATE TABLE sluice.policy_windows (
    policy_id integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    "position" smallint NOT NULL,
    name text NOT NULL,
    resource sluice.policy_resource NOT NULL,
    quota bigint NOT NULL,
    length_us bigint,
    calendar sluice.calendar_unit,
    time_zone text,
    CONSTRAINT policy_windows_calendar_has_zone CHECK (((calendar IS NULL) = (time_zone IS NULL))),
    CONSTRAINT policy_windows_have_one_extent CHECK ((num_nonnulls(length_us, calendar) =
CASE
    WHEN (resource = 'concurrent'::sluice.policy_resource) THEN 0
    ELSE 1
END)),
    CONSTRAINT policy_windows_length_in_range CHECK (((length_us >= 1) AND (length_us <= '31622400000000'::bigint))),
    CONSTRAINT policy_windows_name_in_range CHECK ((name ~ '^[A-Za-z0-9._-]{1,64}$'::text)),
    CONSTRAINT policy_windows_position_in_range CHECK ((("position" >= 1) AND ("position" <= 16))),
    CONSTRAINT policy_windows_quota_in_range CHECK (((quota >= 0) AND (quota <= '1000000000000000'::bigint))),
    CONSTRAINT policy_windows_zone_in_range CHECK (((octet_length(time_zone) >= 1) AND (octet_length(time_zone) <= 64)))
);

COMMENT ON TABLE sluice.policy_windows IS 'The windows of each version of a policy; a call must fit into all of them. In this release all are of requests and slide.';

COMMENT ON COLUMN sluice.policy_windows.policy_id IS 'As in sluice.policies.';

COMMENT ON COLUMN sluice.policy_windows.valid_from IS 'The version, as in sluice.policies.';

COMMENT ON COLUMN sluice.policy_windows."position" IS 'From 1, in the order in which clients are told.';

COMMENT ON COLUMN sluice.policy_windows.name IS 'What clients are told.';

COMMENT ON COLUMN sluice.policy_windows.resource IS 'What is counted: requests (by their weight), tokens, usd, or calls under way.';

COMMENT ON COLUMN sluice.policy_windows.quota IS 'How much fits: weight, tokens, nano-USD, or calls.';

COMMENT ON COLUMN sluice.policy_windows.length_us IS 'Length of a window that slides, in microseconds.';

COMMENT ON COLUMN sluice.policy_windows.calendar IS 'For a window that begins with each hour, day, week or month instead.';

COMMENT ON COLUMN sluice.policy_windows.time_zone IS 'By whose clock those begin, such as Europe/Berlin.';

CREATE VIEW sluice.policy_history AS
 SELECT p.policy_id,
    p.name,
    p.valid_from,
    p.valid_until,
    (p.mode)::text AS mode,
    (p.on_outage)::text AS on_outage,
    ( SELECT string_agg((((w.quota || ' '::text) ||
                CASE w.resource
                    WHEN 'usd'::sluice.policy_resource THEN 'nano-USD'::text
                    WHEN 'concurrent'::sluice.policy_resource THEN 'calls at once'::text
                    ELSE (w.resource)::text
                END) ||
                CASE
                    WHEN (w.calendar IS NOT NULL) THEN (((' each '::text || w.calendar) || ' of '::text) || w.time_zone)
                    WHEN ((w.length_us % '86400000000'::bigint) = 0) THEN ((' in any '::text || (w.length_us / '86400000000'::bigint)) || ' d'::text)
                    WHEN ((w.length_us % '3600000000'::bigint) = 0) THEN ((' in any '::text || (w.length_us / '3600000000'::bigint)) || ' h'::text)
                    WHEN ((w.length_us % (60000000)::bigint) = 0) THEN ((' in any '::text || (w.length_us / 60000000)) || ' min'::text)
                    WHEN ((w.length_us % (1000000)::bigint) = 0) THEN ((' in any '::text || (w.length_us / 1000000)) || ' s'::text)
                    WHEN (w.length_us IS NOT NULL) THEN ((' in any '::text || w.length_us) || ' µs'::text)
                    ELSE ''::text
                END), ', '::text ORDER BY w."position") AS string_agg
           FROM sluice.policy_windows w
          WHERE ((w.policy_id = p.policy_id) AND (w.valid_from = p.valid_from))) AS windows,
    p.changed_by,
    p.replica,
    p.note
   FROM sluice.policies p;

COMMENT ON VIEW sluice.policy_history IS 'Which limits were in force when, and who said so: the row whose valid_from and valid_until are around a moment. While replicas with different configurations run side by side, it says what the last one to start said.';

COMMENT ON COLUMN sluice.policy_history.policy_id IS 'As in sluice.calls; 1 is the default, from the configuration.';

COMMENT ON COLUMN sluice.policy_history.name IS 'What clients are told.';

COMMENT ON COLUMN sluice.policy_history.valid_from IS 'From when on.';

COMMENT ON COLUMN sluice.policy_history.valid_until IS 'Until when, this moment excluded; infinity for what is in force.';

COMMENT ON COLUMN sluice.policy_history.mode IS 'enforce, shadow or off.';

COMMENT ON COLUMN sluice.policy_history.on_outage IS 'open, bounded or closed: what happens to a call that the database cannot decide.';

COMMENT ON COLUMN sluice.policy_history.windows IS 'The windows in words; a call must fit into all of them.';

COMMENT ON COLUMN sluice.policy_history.changed_by IS 'The database role that made this version.';

COMMENT ON COLUMN sluice.policy_history.replica IS 'The replica whose configuration it was.';

COMMENT ON COLUMN sluice.policy_history.note IS 'Why, in somebody''s words.';

CREATE TABLE sluice.prices (
    price_id integer NOT NULL,
    model text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    input bigint NOT NULL,
    cached bigint NOT NULL,
    cache_write bigint NOT NULL,
    output bigint NOT NULL,
    CONSTRAINT prices_in_range CHECK (((LEAST(input, cached, cache_write, output) >= 0) AND (GREATEST(input, cached, cache_write, output) <= '1000000000000000'::bigint))),
    CONSTRAINT prices_model_in_range CHECK ((((octet_length(model) >= 1) AND (octet_length(model) <= 256)) AND (POSITION(('*'::text) IN ("left"(model, '-1'::integer))) = 0))),
    CONSTRAINT prices_valid_for_a_time CHECK ((valid_from < valid_until))
);

COMMENT ON TABLE sluice.prices IS 'What models cost, in nano-USD per million tokens. A price is ended and followed by another, never changed.';

COMMENT ON COLUMN sluice.prices.price_id IS 'Names the price in sluice.settlements.';

COMMENT ON COLUMN sluice.prices.model IS 'A model''s name, or the beginning of it with * after it. The longest that matches counts, a whole name before a beginning.';

COMMENT ON COLUMN sluice.prices.valid_from IS 'For calls admitted from this moment on.';

COMMENT ON COLUMN sluice.prices.valid_until IS 'Until when, this moment excluded; infinity for the price of today.';

COMMENT ON COLUMN sluice.prices.input IS 'Of the question, nano-USD per million tokens.';

COMMENT ON COLUMN sluice.prices.cached IS 'Of input that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.prices.cache_write IS 'Of input that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.prices.output IS 'Of the answer, those of reasoning included.';

CREATE VIEW sluice.price_history AS
 SELECT p.price_id,
    p.model,
    p.valid_from,
    p.valid_until,
    p.input,
    p.cached,
    p.cache_write,
    p.output
   FROM sluice.prices p;

COMMENT ON VIEW sluice.price_history IS 'What models have cost when, in nano-USD per million tokens: $2.50 is 2500000000.';

COMMENT ON COLUMN sluice.price_history.price_id IS 'Names the price in sluice.settlements.';

COMMENT ON COLUMN sluice.price_history.model IS 'A model''s name, or the beginning of it with * after it.';

COMMENT ON COLUMN sluice.price_history.valid_from IS 'For calls admitted from this moment on.';

COMMENT ON COLUMN sluice.price_history.valid_until IS 'Until when, this moment excluded; infinity for the price of today.';

COMMENT ON COLUMN sluice.price_history.input IS 'Of the question.';

COMMENT ON COLUMN sluice.price_history.cached IS 'Of input that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.price_history.cache_write IS 'Of input that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.price_history.output IS 'Of the answer, those of reasoning included.';

ALTER TABLE sluice.prices ALTER COLUMN price_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME sluice.prices_price_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: recent; Type: VIEW: replaced by sluice.cover_recent

COMMENT ON VIEW sluice.recent IS 'The partitions around now, over which admission keeps cached plans. Use sluice.calls in reports.';

CREATE VIEW sluice.reconciliation AS
 SELECT d.day,
    r.user_id,
    r.calls,
    r.settled,
    r.unsettled,
    r.unchecked,
    r.expired,
    r.estimated,
    r.unpriced,
    r.input_tokens,
    r.cached_tokens,
    r.cache_write_tokens,
    r.output_tokens,
    r.reasoning_tokens,
    r.cost_nanousd,
    (r.cost_nanousd * 0.000000001) AS cost_usd
   FROM (sluice.ledger_days d
     CROSS JOIN LATERAL ( SELECT c.user_id,
            count(*) AS calls,
            count(s.call_id) AS settled,
            (count(*) - count(s.call_id)) AS unsettled,
            count(*) FILTER (WHERE (c.mode = 'unchecked'::sluice.call_mode)) AS unchecked,
            count(*) FILTER (WHERE (s.is_expired AND (NOT s.is_known))) AS expired,
            count(*) FILTER (WHERE (s.is_estimated AND (NOT s.is_measured))) AS estimated,
            count(*) FILTER (WHERE ((s.call_id IS NOT NULL) AND (s.cost_nanousd IS NULL))) AS unpriced,
            (COALESCE(sum(s.input_tokens), (0)::numeric))::bigint AS input_tokens,
            (COALESCE(sum(s.cached_tokens), (0)::numeric))::bigint AS cached_tokens,
            (COALESCE(sum(s.cache_write_tokens), (0)::numeric))::bigint AS cache_write_tokens,
            (COALESCE(sum(s.output_tokens), (0)::numeric))::bigint AS output_tokens,
            (COALESCE(sum(s.reasoning_tokens), (0)::numeric))::bigint AS reasoning_tokens,
            COALESCE(sum(s.cost_nanousd), (0)::numeric) AS cost_nanousd
           FROM (sluice.calls c
             LEFT JOIN ( SELECT t.user_id,
                    t.call_id,
                    sum(t.input_tokens) AS input_tokens,
                    sum(t.cached_tokens) AS cached_tokens,
                    sum(t.cache_write_tokens) AS cache_write_tokens,
                    sum(t.output_tokens) AS output_tokens,
                    sum(t.reasoning_tokens) AS reasoning_tokens,
                    sum(t.cost_nanousd) AS cost_nanousd,
                    bool_or((t.basis = 'expired'::sluice.settlement_basis)) AS is_expired,
                    bool_or((t.basis = ANY (ARRAY['measured'::sluice.settlement_basis, 'estimated'::sluice.settlement_basis, 'drained'::sluice.settlement_basis]))) AS is_known,
                    bool_or((t.basis = 'estimated'::sluice.settlement_basis)) AS is_estimated,
                    bool_or((t.basis = ANY (ARRAY['measured'::sluice.settlement_basis, 'drained'::sluice.settlement_basis]))) AS is_measured
                   FROM sluice.settlements t
                  WHERE ((t.settled_at >= (d.starts_at - '1 day'::interval)) AND (t.settled_at < (d.ends_at + '32 days'::interval)))
                  GROUP BY t.user_id, t.call_id) s ON (((s.user_id = c.user_id) AND (s.call_id = c.call_id))))
          WHERE ((c.admitted_at >= d.starts_at) AND (c.admitted_at < d.ends_at))
          GROUP BY c.user_id) r);

COMMENT ON VIEW sluice.reconciliation IS 'By user and UTC day of admission: which calls were settled, and what those calls took, settled up to 32 days later. Read from the ledger''s rows: filter on day, or on user_id.';

COMMENT ON COLUMN sluice.reconciliation.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.reconciliation.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.reconciliation.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.reconciliation.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.reconciliation.unsettled IS 'Calls of which nobody said yet what they took.';

COMMENT ON COLUMN sluice.reconciliation.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.reconciliation.expired IS 'Those of the settled calls for which only the reservation is known: nobody settled them within their lease.';

COMMENT ON COLUMN sluice.reconciliation.estimated IS 'Those of the settled calls whose figures are estimated, the provider having reported none.';

COMMENT ON COLUMN sluice.reconciliation.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.reconciliation.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.reconciliation.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.reconciliation.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.reconciliation.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.reconciliation.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.reconciliation.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

COMMENT ON COLUMN sluice.reconciliation.cost_usd IS 'The same in USD, with all nine decimals.';

CREATE VIEW sluice.refusals_by_hour AS
 SELECT d.day,
    r.hour,
    r.user_id,
    r.policy_id,
    r.refused
   FROM (sluice.ledger_days d
     CROSS JOIN LATERAL ( SELECT date_trunc('hour'::text, f.minute, 'UTC'::text) AS hour,
            f.user_id,
            f.policy_id,
            (sum(f.refused))::bigint AS refused
           FROM sluice.refusals f
          WHERE ((f.minute >= d.starts_at) AND (f.minute < d.ends_at))
          GROUP BY (date_trunc('hour'::text, f.minute, 'UTC'::text)), f.user_id, f.policy_id) r);

COMMENT ON VIEW sluice.refusals_by_hour IS 'How often users were refused, by hour (of UTC). Filter on day, which leaves other days alone.';

COMMENT ON COLUMN sluice.refusals_by_hour.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.refusals_by_hour.hour IS 'The start of the hour, of UTC.';

COMMENT ON COLUMN sluice.refusals_by_hour.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.refusals_by_hour.policy_id IS 'The policy that decided; 1 is the built-in default.';

COMMENT ON COLUMN sluice.refusals_by_hour.refused IS 'How many calls were refused.';

CREATE VIEW sluice.refusals_by_minute AS
 SELECT r.minute,
    r.user_id,
    r.policy_id,
    (sum(r.refused))::bigint AS refused
   FROM sluice.refusals r
  GROUP BY r.minute, r.user_id, r.policy_id;

COMMENT ON VIEW sluice.refusals_by_minute IS 'How often users were refused, by minute. Filter on minute, which leaves other days alone.';

COMMENT ON COLUMN sluice.refusals_by_minute.minute IS 'The start of the minute.';

COMMENT ON COLUMN sluice.refusals_by_minute.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.refusals_by_minute.policy_id IS 'The policy that decided; 1 is the built-in default.';

COMMENT ON COLUMN sluice.refusals_by_minute.refused IS 'How many calls were refused.';

CREATE VIEW sluice.retired_partitions AS
 SELECT retirements.retirement_id,
    retirements.parent,
    retirements.partition,
    retirements.starts_at,
    retirements.ends_at,
    retirements.action,
    retirements.begun_at,
    retirements.begun_by,
    retirements.kept_as,
    retirements.rows,
    retirements.finished_at
   FROM sluice.retirements;

COMMENT ON VIEW sluice.retired_partitions IS 'Which partitions have left the ledger by retention, when, and at whose word.';

COMMENT ON COLUMN sluice.retired_partitions.retirement_id IS 'In the order in which they were begun.';

COMMENT ON COLUMN sluice.retired_partitions.parent IS 'The table of the ledger.';

COMMENT ON COLUMN sluice.retired_partitions.partition IS 'The partition''s name while it was one.';

COMMENT ON COLUMN sluice.retired_partitions.starts_at IS 'What it held begins here.';

COMMENT ON COLUMN sluice.retired_partitions.ends_at IS 'What it held ends before this.';

COMMENT ON COLUMN sluice.retired_partitions.action IS 'drop: its rows are gone. detach: they are in the table kept_as. export: that table is written to files and dropped then.';

COMMENT ON COLUMN sluice.retired_partitions.begun_at IS 'By this database''s clock.';

COMMENT ON COLUMN sluice.retired_partitions.begun_by IS 'The role that was logged in.';

COMMENT ON COLUMN sluice.retired_partitions.kept_as IS 'The table that holds the rows since it is no partition any more; null before, and where it was dropped at once.';

COMMENT ON COLUMN sluice.retired_partitions.rows IS 'How many rows it held: counted for an export, else as last estimated by ANALYZE; null where that never ran.';

COMMENT ON COLUMN sluice.retired_partitions.finished_at IS 'Null as long as something is left to do.';

ALTER TABLE sluice.retirements ALTER COLUMN retirement_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME sluice.retirements_retirement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE sluice.rolled_days (
    day date NOT NULL,
    calls bigint NOT NULL,
    settlements bigint NOT NULL,
    unchecked bigint NOT NULL,
    first_unchecked_at timestamp with time zone,
    last_unchecked_at timestamp with time zone,
    part smallint NOT NULL,
    rolled_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE sluice.rolled_days IS 'The UTC days that are summed up, and of how many rows of the ledger.';

COMMENT ON COLUMN sluice.rolled_days.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.rolled_days.calls IS 'Rows of sluice.calls that were decided in order.';

COMMENT ON COLUMN sluice.rolled_days.settlements IS 'Rows of sluice.settlements.';

COMMENT ON COLUMN sluice.rolled_days.unchecked IS 'Rows of sluice.calls that were let through in an outage, in the newest part.';

COMMENT ON COLUMN sluice.rolled_days.first_unchecked_at IS 'admitted_at of the first of them.';

COMMENT ON COLUMN sluice.rolled_days.last_unchecked_at IS 'admitted_at of the last of them.';

COMMENT ON COLUMN sluice.rolled_days.part IS 'The newest part of the day in sluice.daily_spend.';

COMMENT ON COLUMN sluice.rolled_days.rolled_at IS 'When the day was summed up, or late calls were added to it.';

CREATE TABLE sluice.rollup_progress (
    is_one boolean DEFAULT true NOT NULL,
    rolled_until date NOT NULL,
    closing_day date,
    closing_xid xid8,
    late_checked_at timestamp with time zone NOT NULL,
    open_since date NOT NULL,
    CONSTRAINT rollup_progress_is_one CHECK (is_one)
);

COMMENT ON TABLE sluice.rollup_progress IS 'How far the ledger is summed up. One row.';

COMMENT ON COLUMN sluice.rollup_progress.is_one IS 'There is one row.';

COMMENT ON COLUMN sluice.rollup_progress.rolled_until IS 'All UTC days before this one are summed up; reports read this one and those after it from the ledger.';

COMMENT ON COLUMN sluice.rollup_progress.closing_day IS 'The UTC days before this one are over.';

COMMENT ON COLUMN sluice.rollup_progress.closing_xid IS 'They take no more rows in order when all transactions before this one have ended.';

COMMENT ON COLUMN sluice.rollup_progress.late_checked_at IS 'When late calls were looked for the last time.';

COMMENT ON COLUMN sluice.rollup_progress.open_since IS 'sluice.spend_open is defined over partitions from this UTC day on: some days before rolled_until.';

CREATE VIEW sluice.seal_chain AS
 SELECT encode(s.previous, 'hex'::text) AS previous,
    s.seal_no,
    s.ledger,
    s.day,
    s.amendment,
    s.format,
    s.row_count,
    encode(s.digest, 'hex'::text) AS digest,
    s.late_count,
    encode(s.late_digest, 'hex'::text) AS late_digest,
    s.sealed_at,
    encode(s.chain, 'hex'::text) AS chain
   FROM sluice.seals s;

COMMENT ON VIEW sluice.seal_chain IS 'Every seal. A row as COPY writes it, TimeZone UTC and DateStyle ISO, without its last column and the tab before it, is what chain is the SHA-256 of, line feed included.';

COMMENT ON COLUMN sluice.seal_chain.previous IS 'chain of the seal before; zeros for the first.';

COMMENT ON COLUMN sluice.seal_chain.seal_no IS 'From 1 without gaps, in the order of the chain.';

COMMENT ON COLUMN sluice.seal_chain.ledger IS 'calls or settlements.';

COMMENT ON COLUMN sluice.seal_chain.day IS 'The UTC day of admitted_at or settled_at.';

COMMENT ON COLUMN sluice.seal_chain.amendment IS '0 for the seal of the day; 1, 2, … for unchecked calls that came after it.';

COMMENT ON COLUMN sluice.seal_chain.format IS 'How rows become bytes; 1 is the only one.';

COMMENT ON COLUMN sluice.seal_chain.row_count IS 'Settlements, or calls that were decided in order.';

COMMENT ON COLUMN sluice.seal_chain.digest IS 'SHA-256 for those rows: over the digests of their ranges in seal_parts, a line each.';

COMMENT ON COLUMN sluice.seal_chain.late_count IS 'Unchecked calls that no earlier seal of the day has.';

COMMENT ON COLUMN sluice.seal_chain.late_digest IS 'SHA-256 for those rows.';

COMMENT ON COLUMN sluice.seal_chain.sealed_at IS 'When, by the database''s clock.';

COMMENT ON COLUMN sluice.seal_chain.chain IS 'SHA-256 over this seal, the chain before it included. Keep one outside this database, and nothing before it can be changed unseen.';

CREATE TABLE sluice.seal_late_calls (
    seal_no bigint NOT NULL,
    user_id uuid NOT NULL,
    admitted_at timestamp with time zone NOT NULL,
    call_id uuid NOT NULL
);

COMMENT ON TABLE sluice.seal_late_calls IS 'Which unchecked calls a seal has: those of its day that no earlier seal has. Append-only.';

COMMENT ON COLUMN sluice.seal_late_calls.seal_no IS 'The seal.';

COMMENT ON COLUMN sluice.seal_late_calls.user_id IS 'With admitted_at and call_id the key of a row of sluice.calls.';

COMMENT ON COLUMN sluice.seal_late_calls.admitted_at IS 'As in sluice.calls.';

COMMENT ON COLUMN sluice.seal_late_calls.call_id IS 'As in sluice.calls.';

CREATE TABLE sluice.seal_ranges (
    seal_no bigint NOT NULL,
    is_late boolean NOT NULL,
    ordinal integer NOT NULL,
    row_count integer NOT NULL,
    digest bytea NOT NULL,
    first_user uuid NOT NULL,
    first_at timestamp with time zone NOT NULL,
    first_call uuid NOT NULL,
    last_user uuid NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_call uuid NOT NULL,
    CONSTRAINT seal_ranges_hold_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT seal_ranges_in_range CHECK (((ordinal >= 0) AND (row_count >= 1)))
);

COMMENT ON TABLE sluice.seal_ranges IS 'The ranges of rows that a seal was made from, so that a change is found within 65,536 rows. Append-only.';

COMMENT ON COLUMN sluice.seal_ranges.seal_no IS 'The seal.';

COMMENT ON COLUMN sluice.seal_ranges.is_late IS 'Of the unchecked calls of the seal, else of the other rows.';

COMMENT ON COLUMN sluice.seal_ranges.ordinal IS 'From 0, in the order of the rows'' keys.';

COMMENT ON COLUMN sluice.seal_ranges.row_count IS 'Rows in the range.';

COMMENT ON COLUMN sluice.seal_ranges.digest IS 'SHA-256 over their lines.';

COMMENT ON COLUMN sluice.seal_ranges.first_user IS 'user_id of the first row; with first_at and first_call its key.';

COMMENT ON COLUMN sluice.seal_ranges.first_at IS 'admitted_at or settled_at of the first row.';

COMMENT ON COLUMN sluice.seal_ranges.first_call IS 'call_id of the first row.';

COMMENT ON COLUMN sluice.seal_ranges.last_user IS 'user_id of the last row; with last_at and last_call its key.';

COMMENT ON COLUMN sluice.seal_ranges.last_at IS 'admitted_at or settled_at of the last row.';

COMMENT ON COLUMN sluice.seal_ranges.last_call IS 'call_id of the last row.';

CREATE VIEW sluice.seal_parts AS
 SELECT r.seal_no,
    r.is_late,
    r.ordinal,
    r.row_count,
    encode(r.digest, 'hex'::text) AS digest,
    r.first_user,
    r.first_at,
    r.first_call,
    r.last_user,
    r.last_at,
    r.last_call
   FROM sluice.seal_ranges r;

COMMENT ON VIEW sluice.seal_parts IS 'The ranges of rows that seals were made from, 65,536 rows each but the last, in the order of their keys.';

COMMENT ON COLUMN sluice.seal_parts.seal_no IS 'The seal.';

COMMENT ON COLUMN sluice.seal_parts.is_late IS 'Of the unchecked calls of the seal, else of the other rows.';

COMMENT ON COLUMN sluice.seal_parts.ordinal IS 'From 0, in the order of the keys.';

COMMENT ON COLUMN sluice.seal_parts.row_count IS 'Rows in the range.';

COMMENT ON COLUMN sluice.seal_parts.digest IS 'SHA-256 over the rows, each as COPY writes it.';

COMMENT ON COLUMN sluice.seal_parts.first_user IS 'user_id of the first row; with first_at and first_call its key.';

COMMENT ON COLUMN sluice.seal_parts.first_at IS 'admitted_at or settled_at of the first row.';

COMMENT ON COLUMN sluice.seal_parts.first_call IS 'call_id of the first row.';

COMMENT ON COLUMN sluice.seal_parts.last_user IS 'user_id of the last row; with last_at and last_call its key.';

COMMENT ON COLUMN sluice.seal_parts.last_at IS 'admitted_at or settled_at of the last row.';

COMMENT ON COLUMN sluice.seal_parts.last_call IS 'call_id of the last row.';

CREATE VIEW sluice.sealed_days AS
 SELECT s.day,
    min(s.sealed_at) FILTER (WHERE (s.amendment = 0)) AS sealed_at,
    (sum((s.row_count + s.late_count)) FILTER (WHERE (s.ledger = 'calls'::text)))::bigint AS calls,
    (sum(s.late_count) FILTER (WHERE (s.ledger = 'calls'::text)))::bigint AS unchecked,
    (COALESCE(sum(s.late_count) FILTER (WHERE ((s.ledger = 'calls'::text) AND (s.amendment > 0))), (0)::numeric))::bigint AS amended,
    max(s.amendment) AS amendments,
    (sum(s.row_count) FILTER (WHERE (s.ledger = 'settlements'::text)))::bigint AS settlements
   FROM sluice.seals s
  GROUP BY s.day;

COMMENT ON VIEW sluice.sealed_days IS 'The UTC days that are sealed, and what their seals hold.';

COMMENT ON COLUMN sluice.sealed_days.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.sealed_days.sealed_at IS 'When the day was sealed; null where calls came late to a day before the first sealed one.';

COMMENT ON COLUMN sluice.sealed_days.calls IS 'Calls of the day, unchecked ones included.';

COMMENT ON COLUMN sluice.sealed_days.unchecked IS 'Those of them that were let through while the database could not decide.';

COMMENT ON COLUMN sluice.sealed_days.amended IS 'Those of them that came after the day was sealed.';

COMMENT ON COLUMN sluice.sealed_days.amendments IS 'In how many amendments.';

COMMENT ON COLUMN sluice.sealed_days.settlements IS 'Settlements of the day.';

CREATE VIEW sluice.sealed_late_calls AS
 SELECT l.seal_no,
    l.user_id,
    l.admitted_at,
    l.call_id
   FROM sluice.seal_late_calls l;

COMMENT ON VIEW sluice.sealed_late_calls IS 'Which unchecked calls each seal has.';

COMMENT ON COLUMN sluice.sealed_late_calls.seal_no IS 'The seal.';

COMMENT ON COLUMN sluice.sealed_late_calls.user_id IS 'With admitted_at and call_id the key of a row of ledger_calls.';

COMMENT ON COLUMN sluice.sealed_late_calls.admitted_at IS 'As in ledger_calls.';

COMMENT ON COLUMN sluice.sealed_late_calls.call_id IS 'As in ledger_calls.';

CREATE VIEW sluice.spend_rows AS
 SELECT c.admitted_at AS at,
    c.user_id,
    c.call_id,
    c.admitted_at,
    "left"(COALESCE(c.model, ''::text), 256) AS model,
    (1)::bigint AS calls,
    c.weight,
    (((c.mode = 'unchecked'::sluice.call_mode))::integer)::bigint AS unchecked,
    (0)::bigint AS settled,
    (0)::bigint AS unpriced,
    (0)::bigint AS input_tokens,
    (0)::bigint AS cached_tokens,
    (0)::bigint AS cache_write_tokens,
    (0)::bigint AS output_tokens,
    (0)::bigint AS reasoning_tokens,
    (0)::bigint AS cost_nanousd
   FROM sluice.calls c
UNION ALL
 SELECT s.settled_at AS at,
    s.user_id,
    s.call_id,
    s.admitted_at,
    "left"(COALESCE(s.model, ''::text), 256) AS model,
    (0)::bigint AS calls,
    (0)::bigint AS weight,
    (0)::bigint AS unchecked,
    (((NOT s.is_correction))::integer)::bigint AS settled,
    ((((NOT s.is_correction) AND (s.cost_nanousd IS NULL)))::integer)::bigint AS unpriced,
    s.input_tokens,
    s.cached_tokens,
    s.cache_write_tokens,
    s.output_tokens,
    s.reasoning_tokens,
    COALESCE(s.cost_nanousd, (0)::bigint) AS cost_nanousd
   FROM sluice.settlements s;

COMMENT ON VIEW sluice.spend_rows IS 'What was spent, row by row: a row when a call is admitted, another when it is settled. Filter on at, which leaves other days alone.';

COMMENT ON COLUMN sluice.spend_rows.at IS 'When it counts: of a call its admission, of what it took its settlement.';

COMMENT ON COLUMN sluice.spend_rows.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.spend_rows.call_id IS 'The call, as in sluice.calls.';

COMMENT ON COLUMN sluice.spend_rows.admitted_at IS 'When the call was let through, as in sluice.calls.';

COMMENT ON COLUMN sluice.spend_rows.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.spend_rows.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.spend_rows.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.spend_rows.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.spend_rows.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.spend_rows.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.spend_rows.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.spend_rows.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.spend_rows.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.spend_rows.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.spend_rows.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.spend_rows.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

CREATE VIEW sluice.spend_open AS
 SELECT ((r.at AT TIME ZONE 'UTC'::text))::date AS day,
    r.user_id,
    r.model,
    r.calls,
    r.weight,
    r.unchecked,
    r.settled,
    r.unpriced,
    r.input_tokens,
    r.cached_tokens,
    r.cache_write_tokens,
    r.output_tokens,
    r.reasoning_tokens,
    r.cost_nanousd
   FROM sluice.spend_rows r
  WHERE ((r.at >= '-infinity'::timestamp with time zone) AND (r.at >= ( SELECT ((p.rolled_until)::timestamp without time zone AT TIME ZONE 'UTC'::text) AS timezone
           FROM sluice.rollup_progress p)));

COMMENT ON VIEW sluice.spend_open IS 'sluice.spend_rows of the UTC days that are not summed up yet: today and, for some hours, yesterday.';

COMMENT ON COLUMN sluice.spend_open.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.spend_open.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.spend_open.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.spend_open.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.spend_open.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.spend_open.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.spend_open.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.spend_open.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.spend_open.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.spend_open.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.spend_open.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.spend_open.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.spend_open.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.spend_open.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

CREATE VIEW sluice.spend_by_model AS
 SELECT s.day,
    NULLIF(s.model, ''::text) AS model,
    (sum(s.calls))::bigint AS calls,
    (sum(s.weight))::bigint AS weight,
    (sum(s.unchecked))::bigint AS unchecked,
    (sum(s.settled))::bigint AS settled,
    (sum(s.unpriced))::bigint AS unpriced,
    (sum(s.input_tokens))::bigint AS input_tokens,
    (sum(s.cached_tokens))::bigint AS cached_tokens,
    (sum(s.cache_write_tokens))::bigint AS cache_write_tokens,
    (sum(s.output_tokens))::bigint AS output_tokens,
    (sum(s.reasoning_tokens))::bigint AS reasoning_tokens,
    sum(s.cost_nanousd) AS cost_nanousd,
    (sum(s.cost_nanousd) * 0.000000001) AS cost_usd
   FROM ( SELECT d.day,
            d.model,
            d.calls,
            d.weight,
            d.unchecked,
            d.settled,
            d.unpriced,
            d.input_tokens,
            d.cached_tokens,
            d.cache_write_tokens,
            d.output_tokens,
            d.reasoning_tokens,
            d.cost_nanousd
           FROM sluice.daily_model_spend d
        UNION ALL
         SELECT o.day,
            o.model,
            o.calls,
            o.weight,
            o.unchecked,
            o.settled,
            o.unpriced,
            o.input_tokens,
            o.cached_tokens,
            o.cache_write_tokens,
            o.output_tokens,
            o.reasoning_tokens,
            (o.cost_nanousd)::numeric AS cost_nanousd
           FROM sluice.spend_open o) s
  GROUP BY s.day, NULLIF(s.model, ''::text);

COMMENT ON VIEW sluice.spend_by_model IS 'Spend by UTC day and model, over all users.';

COMMENT ON COLUMN sluice.spend_by_model.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.spend_by_model.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.spend_by_model.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.spend_by_model.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.spend_by_model.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.spend_by_model.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.spend_by_model.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.spend_by_model.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.spend_by_model.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.spend_by_model.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.spend_by_model.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.spend_by_model.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.spend_by_model.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

COMMENT ON COLUMN sluice.spend_by_model.cost_usd IS 'The same in USD, with all nine decimals.';

CREATE VIEW sluice.spend_daily AS
 SELECT s.day,
    s.user_id,
    NULLIF(s.model, ''::text) AS model,
    (sum(s.calls))::bigint AS calls,
    (sum(s.weight))::bigint AS weight,
    (sum(s.unchecked))::bigint AS unchecked,
    (sum(s.settled))::bigint AS settled,
    (sum(s.unpriced))::bigint AS unpriced,
    (sum(s.input_tokens))::bigint AS input_tokens,
    (sum(s.cached_tokens))::bigint AS cached_tokens,
    (sum(s.cache_write_tokens))::bigint AS cache_write_tokens,
    (sum(s.output_tokens))::bigint AS output_tokens,
    (sum(s.reasoning_tokens))::bigint AS reasoning_tokens,
    sum(s.cost_nanousd) AS cost_nanousd,
    (sum(s.cost_nanousd) * 0.000000001) AS cost_usd
   FROM ( SELECT d.day,
            d.user_id,
            d.model,
            d.calls,
            d.weight,
            d.unchecked,
            d.settled,
            d.unpriced,
            d.input_tokens,
            d.cached_tokens,
            d.cache_write_tokens,
            d.output_tokens,
            d.reasoning_tokens,
            d.cost_nanousd
           FROM sluice.daily_spend d
        UNION ALL
         SELECT o.day,
            o.user_id,
            o.model,
            o.calls,
            o.weight,
            o.unchecked,
            o.settled,
            o.unpriced,
            o.input_tokens,
            o.cached_tokens,
            o.cache_write_tokens,
            o.output_tokens,
            o.reasoning_tokens,
            (o.cost_nanousd)::numeric AS cost_nanousd
           FROM sluice.spend_open o) s
  GROUP BY s.day, s.user_id, NULLIF(s.model, ''::text);

COMMENT ON VIEW sluice.spend_daily IS 'Spend by UTC day, user and model: calls on the day of their admission, tokens and cost on the day on which they were settled. Calls replayed after an outage into a day that is over show within some minutes.';

COMMENT ON COLUMN sluice.spend_daily.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.spend_daily.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.spend_daily.model IS 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.';

COMMENT ON COLUMN sluice.spend_daily.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.spend_daily.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.spend_daily.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.spend_daily.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.spend_daily.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.spend_daily.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.spend_daily.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.spend_daily.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.spend_daily.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.spend_daily.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.spend_daily.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

COMMENT ON COLUMN sluice.spend_daily.cost_usd IS 'The same in USD, with all nine decimals.';

CREATE VIEW sluice.spend_monthly AS
 SELECT s.month,
    s.user_id,
    (sum(s.calls))::bigint AS calls,
    (sum(s.weight))::bigint AS weight,
    (sum(s.unchecked))::bigint AS unchecked,
    (sum(s.settled))::bigint AS settled,
    (sum(s.unpriced))::bigint AS unpriced,
    (sum(s.input_tokens))::bigint AS input_tokens,
    (sum(s.cached_tokens))::bigint AS cached_tokens,
    (sum(s.cache_write_tokens))::bigint AS cache_write_tokens,
    (sum(s.output_tokens))::bigint AS output_tokens,
    (sum(s.reasoning_tokens))::bigint AS reasoning_tokens,
    sum(s.cost_nanousd) AS cost_nanousd,
    (sum(s.cost_nanousd) * 0.000000001) AS cost_usd
   FROM ( SELECT m.month,
            m.user_id,
            m.calls,
            m.weight,
            m.unchecked,
            m.settled,
            m.unpriced,
            m.input_tokens,
            m.cached_tokens,
            m.cache_write_tokens,
            m.output_tokens,
            m.reasoning_tokens,
            m.cost_nanousd
           FROM sluice.monthly_spend m
        UNION ALL
         SELECT (date_trunc('month'::text, (o.day)::timestamp without time zone))::date AS date_trunc,
            o.user_id,
            (sum(o.calls))::bigint AS sum,
            (sum(o.weight))::bigint AS sum,
            (sum(o.unchecked))::bigint AS sum,
            (sum(o.settled))::bigint AS sum,
            (sum(o.unpriced))::bigint AS sum,
            (sum(o.input_tokens))::bigint AS sum,
            (sum(o.cached_tokens))::bigint AS sum,
            (sum(o.cache_write_tokens))::bigint AS sum,
            (sum(o.output_tokens))::bigint AS sum,
            (sum(o.reasoning_tokens))::bigint AS sum,
            sum(o.cost_nanousd) AS sum
           FROM sluice.spend_open o
          GROUP BY ((date_trunc('month'::text, (o.day)::timestamp without time zone))::date), o.user_id) s
  GROUP BY s.month, s.user_id;

COMMENT ON VIEW sluice.spend_monthly IS 'Spend by month (of UTC) and user, the current month up to now.';

COMMENT ON COLUMN sluice.spend_monthly.month IS 'The first day of the month, of UTC.';

COMMENT ON COLUMN sluice.spend_monthly.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.spend_monthly.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.spend_monthly.weight IS 'Sum of the weights of the calls.';

COMMENT ON COLUMN sluice.spend_monthly.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.spend_monthly.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.spend_monthly.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.spend_monthly.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.spend_monthly.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';

COMMENT ON COLUMN sluice.spend_monthly.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';

COMMENT ON COLUMN sluice.spend_monthly.output_tokens IS 'Tokens of answers, those of reasoning included.';

COMMENT ON COLUMN sluice.spend_monthly.reasoning_tokens IS 'Part of output_tokens that models thought and did not show.';

COMMENT ON COLUMN sluice.spend_monthly.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

COMMENT ON COLUMN sluice.spend_monthly.cost_usd IS 'The same in USD, with all nine decimals.';

CREATE VIEW sluice.summed_days AS
 SELECT d.day,
    d.calls,
    d.settlements,
    d.unchecked,
    d.rolled_at
   FROM sluice.rolled_days d;

COMMENT ON VIEW sluice.summed_days IS 'The UTC days that are summed up: reports read their sums, also when retention has dropped their rows.';

COMMENT ON COLUMN sluice.summed_days.day IS 'The UTC day.';

COMMENT ON COLUMN sluice.summed_days.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.summed_days.settlements IS 'Rows of sluice.settlements that were summed up.';

COMMENT ON COLUMN sluice.summed_days.unchecked IS 'Those of the calls that were let through in an outage.';

COMMENT ON COLUMN sluice.summed_days.rolled_at IS 'When the day was summed up, or late calls were added to it.';

CREATE VIEW sluice.top_spenders AS
 SELECT m.month,
    rank() OVER (PARTITION BY m.month ORDER BY m.cost_nanousd DESC) AS rank,
    m.user_id,
    m.cost_nanousd,
    m.cost_usd,
    m.calls,
    m.settled,
    m.unpriced,
    m.input_tokens,
    m.output_tokens
   FROM sluice.spend_monthly m;

COMMENT ON VIEW sluice.top_spenders IS 'Users of a month by what they spent: filter on month and rank.';

COMMENT ON COLUMN sluice.top_spenders.month IS 'The first day of the month, of UTC.';

COMMENT ON COLUMN sluice.top_spenders.rank IS '1 for who spent most; the same for equal spend.';

COMMENT ON COLUMN sluice.top_spenders.user_id IS 'Who spent it, or was refused.';

COMMENT ON COLUMN sluice.top_spenders.cost_nanousd IS 'In nano-USD (1 USD is 1000000000), whole.';

COMMENT ON COLUMN sluice.top_spenders.cost_usd IS 'The same in USD, with all nine decimals.';

COMMENT ON COLUMN sluice.top_spenders.calls IS 'Calls admitted.';

COMMENT ON COLUMN sluice.top_spenders.settled IS 'Calls settled.';

COMMENT ON COLUMN sluice.top_spenders.unpriced IS 'Those of the settled calls whose price was not known; they count 0 in the cost.';

COMMENT ON COLUMN sluice.top_spenders.input_tokens IS 'Tokens of questions, those from and into the provider''s cache included.';

COMMENT ON COLUMN sluice.top_spenders.output_tokens IS 'Tokens of answers, those of reasoning included.';

ALTER TABLE ONLY sluice.api_keys
    ADD CONSTRAINT api_keys_digest_unique UNIQUE (digest);

ALTER TABLE ONLY sluice.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY sluice.assignments
    ADD CONSTRAINT assignments_pkey PRIMARY KEY (assignment_id);

ALTER TABLE ONLY sluice.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (user_id, admitted_at, call_id) INCLUDE (weight, running_total, total_since);

ALTER TABLE ONLY sluice.daily_model_spend
    ADD CONSTRAINT daily_model_spend_pkey PRIMARY KEY (day, model);

ALTER TABLE ONLY sluice.daily_spend
    ADD CONSTRAINT daily_spend_pkey PRIMARY KEY (user_id, day, model, part);

ALTER TABLE ONLY sluice.lease_progress
    ADD CONSTRAINT lease_progress_pkey PRIMARY KEY (is_one);

ALTER TABLE ONLY sluice.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY sluice.monthly_spend
    ADD CONSTRAINT monthly_spend_pkey PRIMARY KEY (user_id, month);

ALTER TABLE ONLY sluice.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (policy_id, valid_from);

ALTER TABLE ONLY sluice.policy_windows
    ADD CONSTRAINT policy_windows_name_once UNIQUE (policy_id, valid_from, name);

ALTER TABLE ONLY sluice.policy_windows
    ADD CONSTRAINT policy_windows_pkey PRIMARY KEY (policy_id, valid_from, "position");

ALTER TABLE ONLY sluice.prices
    ADD CONSTRAINT prices_one_at_a_time UNIQUE (model, valid_from);

ALTER TABLE ONLY sluice.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (price_id);

ALTER TABLE ONLY sluice.retirements
    ADD CONSTRAINT retirements_pkey PRIMARY KEY (retirement_id);

ALTER TABLE ONLY sluice.rolled_days
    ADD CONSTRAINT rolled_days_pkey PRIMARY KEY (day);

ALTER TABLE ONLY sluice.rollup_progress
    ADD CONSTRAINT rollup_progress_pkey PRIMARY KEY (is_one);

ALTER TABLE ONLY sluice.seal_late_calls
    ADD CONSTRAINT seal_late_calls_pkey PRIMARY KEY (seal_no, user_id, admitted_at, call_id);

ALTER TABLE ONLY sluice.seal_ranges
    ADD CONSTRAINT seal_ranges_pkey PRIMARY KEY (seal_no, is_late, ordinal);

ALTER TABLE ONLY sluice.seals
    ADD CONSTRAINT seals_once UNIQUE (ledger, day, amendment);

ALTER TABLE ONLY sluice.seals
    ADD CONSTRAINT seals_pkey PRIMARY KEY (seal_no);

ALTER TABLE ONLY sluice.settlements
    ADD CONSTRAINT settlements_pkey PRIMARY KEY (user_id, settled_at, call_id) INCLUDE (input_total, output_total, cost_total, total_since);

CREATE INDEX api_keys_user ON sluice.api_keys USING btree (user_id, key_id);

CREATE UNIQUE INDEX assignments_one_at_a_time ON sluice.assignments USING btree (COALESCE((user_id)::text, role, ''::text)) WHERE (valid_until = 'infinity'::timestamp with time zone);

CREATE INDEX calls_reserved ON ONLY sluice.calls USING btree (admitted_at) WHERE (reserved_input IS NOT NULL);

CREATE INDEX calls_supplied ON ONLY sluice.calls USING btree (user_id, call_id) WHERE id_supplied;

CREATE INDEX calls_unchecked_at ON ONLY sluice.calls USING btree (admitted_at) WHERE (mode = 'unchecked'::sluice.call_mode);

CREATE INDEX calls_unchecked_id ON ONLY sluice.calls USING btree (user_id, call_id) WHERE (total_since IS NULL);

CREATE INDEX calls_unchecked_user ON ONLY sluice.calls USING btree (user_id, admitted_at) INCLUDE (weight) WHERE (running_total IS NULL);

CREATE INDEX daily_spend_day ON sluice.daily_spend USING btree (day);

CREATE INDEX monthly_spend_month ON sluice.monthly_spend USING btree (month);

CREATE UNIQUE INDEX policies_name_once ON sluice.policies USING btree (name) WHERE (valid_until = 'infinity'::timestamp with time zone);

CREATE UNIQUE INDEX policies_one_at_a_time ON sluice.policies USING btree (policy_id) WHERE (valid_until = 'infinity'::timestamp with time zone);

CREATE INDEX refusals_user ON ONLY sluice.refusals USING btree (user_id, minute);

CREATE UNIQUE INDEX retirements_unfinished ON sluice.retirements USING btree (partition) WHERE (finished_at IS NULL);

CREATE INDEX seal_late_calls_at ON sluice.seal_late_calls USING btree (admitted_at, user_id, call_id);

CREATE INDEX settlements_call ON ONLY sluice.settlements USING btree (user_id, call_id);

CREATE TRIGGER api_keys_no_delete BEFORE DELETE ON sluice.api_keys FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER api_keys_no_truncate BEFORE TRUNCATE ON sluice.api_keys FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER api_keys_only_end BEFORE UPDATE ON sluice.api_keys FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('revoked_at', 'last_used_at');

CREATE TRIGGER assignments_no_delete BEFORE DELETE ON sluice.assignments FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER assignments_no_truncate BEFORE TRUNCATE ON sluice.assignments FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER assignments_only_end BEFORE UPDATE ON sluice.assignments FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('valid_until');

CREATE TRIGGER calls_append_only BEFORE DELETE OR UPDATE ON sluice.calls FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER calls_no_truncate BEFORE TRUNCATE ON sluice.calls FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER policies_no_delete BEFORE DELETE ON sluice.policies FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER policies_no_truncate BEFORE TRUNCATE ON sluice.policies FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER policies_only_end BEFORE UPDATE ON sluice.policies FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('valid_until');

CREATE TRIGGER policy_windows_append_only BEFORE DELETE OR UPDATE ON sluice.policy_windows FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER policy_windows_no_truncate BEFORE TRUNCATE ON sluice.policy_windows FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER prices_no_delete BEFORE DELETE ON sluice.prices FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER prices_no_truncate BEFORE TRUNCATE ON sluice.prices FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER prices_only_end BEFORE UPDATE ON sluice.prices FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('valid_until');

CREATE TRIGGER refusals_append_only BEFORE DELETE OR UPDATE ON sluice.refusals FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER refusals_no_truncate BEFORE TRUNCATE ON sluice.refusals FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER retirements_append_only BEFORE UPDATE ON sluice.retirements FOR EACH ROW WHEN (((old.finished_at IS NOT NULL) OR ((((((((old.retirement_id IS DISTINCT FROM new.retirement_id) OR (old.parent IS DISTINCT FROM new.parent)) OR (old.partition IS DISTINCT FROM new.partition)) OR (old.starts_at IS DISTINCT FROM new.starts_at)) OR (old.ends_at IS DISTINCT FROM new.ends_at)) OR (old.action IS DISTINCT FROM new.action)) OR (old.begun_at IS DISTINCT FROM new.begun_at)) OR (old.begun_by IS DISTINCT FROM new.begun_by)))) EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER retirements_no_delete BEFORE DELETE ON sluice.retirements FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER retirements_no_truncate BEFORE TRUNCATE ON sluice.retirements FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER seal_late_calls_append_only BEFORE DELETE OR UPDATE ON sluice.seal_late_calls FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER seal_late_calls_no_truncate BEFORE TRUNCATE ON sluice.seal_late_calls FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER seal_ranges_append_only BEFORE DELETE OR UPDATE ON sluice.seal_ranges FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER seal_ranges_no_truncate BEFORE TRUNCATE ON sluice.seal_ranges FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER seals_append_only BEFORE DELETE OR UPDATE ON sluice.seals FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER seals_no_truncate BEFORE TRUNCATE ON sluice.seals FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER settlements_append_only BEFORE DELETE OR UPDATE ON sluice.settlements FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();

CREATE TRIGGER settlements_no_truncate BEFORE TRUNCATE ON sluice.settlements FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

ALTER TABLE ONLY sluice.policy_windows
    ADD CONSTRAINT policy_windows_of_policy FOREIGN KEY (policy_id, valid_from) REFERENCES sluice.policies(policy_id, valid_from);

ALTER TABLE ONLY sluice.seal_late_calls
    ADD CONSTRAINT seal_late_calls_seal FOREIGN KEY (seal_no) REFERENCES sluice.seals(seal_no) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY sluice.seal_ranges
    ADD CONSTRAINT seal_ranges_seal FOREIGN KEY (seal_no) REFERENCES sluice.seals(seal_no) DEFERRABLE INITIALLY DEFERRED;

GRANT USAGE ON SCHEMA sluice TO sluice_app;
GRANT USAGE ON SCHEMA sluice TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.add_seal(ledger text, day date, amendment integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.admission_of(wanted_user uuid, wanted_call uuid, clock timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.admit(user_id uuid, weight bigint, quota bigint, period interval, call_id uuid, route text, model text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.admit(user_id uuid, weight bigint, quota bigint, period interval, call_id uuid, route text, model text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.admit_batch(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.admit_batch(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.admit_many(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.admit_many(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.admit_one(user_id uuid, call_id uuid, supplied boolean, weight bigint, route text, model text, origin sluice.call_origin, limits bigint[], lengths bigint[], policy_id integer, replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.admit_one(user_id uuid, call_id uuid, supplied boolean, weight bigint, route text, model text, origin sluice.call_origin, limits bigint[], lengths bigint[], policy_id integer, replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.admit_user(user_id uuid, call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.admit_user(user_id uuid, call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text, wait boolean) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.any_unchecked_anywhere(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.any_unchecked_recent(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.await_writers(ledger text, day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.begin_retirement(name text, keep_days integer, action text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.call_line(r sluice.calls) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.carry_spend(wanted_day date, wanted_part smallint, sign integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.check_calls(call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.check_isolation() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.check_ledger() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.check_ledger() TO sluice_app;

REVOKE ALL ON FUNCTION sluice.check_windows(limits bigint[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.clock() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.clock() TO sluice_app;
GRANT ALL ON FUNCTION sluice.clock() TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.copy_text(value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.cover_recent(longest interval) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.cover_recent(longest interval) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.create_key(digest bytea, prefix text, name text, user_id uuid, role text, lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.create_key(digest bytea, prefix text, name text, user_id uuid, role text, lifetime interval) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.current_prices() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.current_prices() TO sluice_app;

REVOKE ALL ON FUNCTION sluice.decide_anywhere(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.decide_each_anywhere(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], quota bigint, length bigint, policy_id integer, replica text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.decide_each_recent(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], quota bigint, length bigint, policy_id integer, replica text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.decide_mixed_anywhere(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.decide_mixed_recent(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.decide_recent(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], limits bigint[], lengths bigint[], policy_id integer, replica text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.define_spend_open(since date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.drop_exported(name text, row_count bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.drop_exported(name text, row_count bigint) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.ensure_ahead(unit text, ahead_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.ensure_ahead(unit text, ahead_days integer) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.ensure_partitions(first_day date, days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.ensure_partitions(first_day date, days integer) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.ensure_today(clock timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.expire_calls(lease interval, at_most integer, replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.expire_calls(lease interval, at_most integer, replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.expired_partitions(keep_days integer, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.expired_partitions(keep_days integer, at_most integer) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.find_key(digest bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.find_key(digest bytea) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.finish_retirement(id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.first_ledger_day() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.free_name(name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.grant_privileges() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.is_near(clock timestamp with time zone, user_ids uuid[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.is_recent(clock timestamp with time zone, lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.known_unchecked(wanted_user uuid, clock timestamp with time zone, call_ids uuid[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.late_days() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.list_keys(user_id uuid, before uuid, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.list_keys(user_id uuid, before uuid, at_most integer) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.list_partitions() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.list_partitions() TO sluice_app;
GRANT ALL ON FUNCTION sluice.list_partitions() TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.lock_key(user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.lock_key(user_id uuid) TO sluice_app;
GRANT ALL ON FUNCTION sluice.lock_key(user_id uuid) TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.make_partition(parent text, name text, first_day date, end_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.may_retire(day_from date, day_until date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.microseconds(length interval) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.microseconds(length interval) TO sluice_app;
GRANT ALL ON FUNCTION sluice.microseconds(length interval) TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.new_call_id() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.new_call_id() TO sluice_app;
GRANT ALL ON FUNCTION sluice.new_call_id() TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.note_default_policy(mode text, on_outage text, names text[], limits bigint[], lengths bigint[], replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.note_default_policy(mode text, on_outage text, names text[], limits bigint[], lengths bigint[], replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.note_key_uses(key_ids uuid[], used_ats timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.note_key_uses(key_ids uuid[], used_ats timestamp with time zone[]) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.open_from() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.open_until() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.partition_bounds(wanted_parent text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.partition_bounds(wanted_parent text) TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.partition_name(day date, parent text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.partition_name(day date, parent text) TO sluice_app;
GRANT ALL ON FUNCTION sluice.partition_name(day date, parent text) TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.partition_of(day date, wanted_parent text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.partition_of(day date, wanted_parent text) TO sluice_app;
GRANT ALL ON FUNCTION sluice.partition_of(day date, wanted_parent text) TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.partition_summary() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.partition_summary() TO sluice_app;
GRANT ALL ON FUNCTION sluice.partition_summary() TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.peek(user_id uuid, weight bigint, quota bigint, period interval) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.peek(user_id uuid, weight bigint, quota bigint, period interval) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.peek_user(user_id uuid, weight bigint, limits bigint[], lengths bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.peek_user(user_id uuid, weight bigint, limits bigint[], lengths bigint[]) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.pending_exports() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.pending_exports() TO sluice_app;

REVOKE ALL ON FUNCTION sluice.read_export(name text, row_type anyelement) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.read_export(name text, row_type anyelement) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.recent_from() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.recent_reach() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.recent_until() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.record_refusals(user_ids uuid[], policy_ids integer[], minutes timestamp with time zone[], counts bigint[], replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.record_refusals(user_ids uuid[], policy_ids integer[], minutes timestamp with time zone[], counts bigint[], replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.record_unchecked(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], admitted_ats timestamp with time zone[], may_exist_since timestamp with time zone[], policy_ids integer[], replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.record_unchecked(user_ids uuid[], call_ids uuid[], supplied boolean[], weights bigint[], routes text[], models text[], origins sluice.call_origin[], admitted_ats timestamp with time zone[], may_exist_since timestamp with time zone[], policy_ids integer[], replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.refuse_rewrite() FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.replay(wanted_user uuid, wanted_call uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.resume_retirement() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.resume_retirement() TO sluice_app;

REVOKE ALL ON FUNCTION sluice.retire_partition(name text, keep_days integer, action text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.retire_partition(name text, keep_days integer, action text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.retry_at(wanted_user uuid, state sluice.window_state, limits bigint[], lengths bigint[], weight bigint, taken_at timestamp with time zone[], taken_total bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.revoke_key(key_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.revoke_key(key_id uuid) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.roll_day(wanted_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.roll_late(wanted_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.roll_up(at_most integer, grace interval, late_every interval) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.roll_up(at_most integer, grace interval, late_every interval) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.schema_versions() FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.schema_versions() TO sluice_app;
GRANT ALL ON FUNCTION sluice.schema_versions() TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.seal_day(closed_after interval, until date) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.seal_day(closed_after interval, until date) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.seal_line(s sluice.seals) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.seal_part(seal_no bigint, ledger text, day date, is_late boolean, OUT row_count bigint, OUT digest bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.set_price(model text, input bigint, cached bigint, cache_write bigint, output bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.set_price(model text, input bigint, cached bigint, cache_write bigint, output bigint) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.settle_many(user_ids uuid[], call_ids uuid[], admitted_ats timestamp with time zone[], models text[], input_tokens bigint[], cached_tokens bigint[], cache_write_tokens bigint[], output_tokens bigint[], reasoning_tokens bigint[], bases text[], statuses smallint[], durations_ms bigint[], replica text) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.settle_many(user_ids uuid[], call_ids uuid[], admitted_ats timestamp with time zone[], models text[], input_tokens bigint[], cached_tokens bigint[], cache_write_tokens bigint[], output_tokens bigint[], reasoning_tokens bigint[], bases text[], statuses smallint[], durations_ms bigint[], replica text) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.settlement_line(r sluice.settlements) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.time_of(call_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.time_of(call_id uuid) TO sluice_app;
GRANT ALL ON FUNCTION sluice.time_of(call_id uuid) TO sluice_audit;

REVOKE ALL ON FUNCTION sluice.total_reached_at(wanted_user uuid, after timestamp with time zone, until timestamp with time zone, threshold bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.unsealed_late_calls(day_from date, day_until date) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.user_facts(user_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION sluice.user_facts(user_id uuid) TO sluice_app;

REVOKE ALL ON FUNCTION sluice.users_with_known_ids(clock timestamp with time zone, user_ids uuid[], call_ids uuid[], supplied boolean[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.weight_left_at(wanted_user uuid, after timestamp with time zone, until timestamp with time zone, need bigint, allowed bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.weight_of_basis(basis sluice.settlement_basis) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.window_state(wanted_user uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.window_state_anywhere(wanted_user uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION sluice.window_state_recent(wanted_user uuid, clock timestamp with time zone, limits bigint[], lengths bigint[]) FROM PUBLIC;

GRANT SELECT ON TABLE sluice.call_origins TO sluice_audit;

GRANT SELECT ON TABLE sluice.calls_unchecked TO sluice_audit;

GRANT SELECT ON TABLE sluice.calls_unsettled TO sluice_audit;

GRANT SELECT ON TABLE sluice.key_list TO sluice_audit;

GRANT SELECT ON TABLE sluice.ledger_calls TO sluice_audit;

GRANT SELECT ON TABLE sluice.ledger_days TO sluice_audit;

GRANT SELECT ON TABLE sluice.ledger_settlements TO sluice_audit;

GRANT SELECT ON TABLE sluice.outages TO sluice_audit;

GRANT SELECT ON TABLE sluice.partitions TO sluice_audit;

GRANT SELECT ON TABLE sluice.policy_history TO sluice_audit;

GRANT SELECT ON TABLE sluice.price_history TO sluice_audit;

GRANT SELECT ON TABLE sluice.reconciliation TO sluice_audit;

GRANT SELECT ON TABLE sluice.refusals_by_hour TO sluice_audit;

GRANT SELECT ON TABLE sluice.refusals_by_minute TO sluice_audit;

GRANT SELECT ON TABLE sluice.retired_partitions TO sluice_audit;

GRANT SELECT ON TABLE sluice.seal_chain TO sluice_audit;

GRANT SELECT ON TABLE sluice.seal_parts TO sluice_audit;

GRANT SELECT ON TABLE sluice.sealed_days TO sluice_audit;

GRANT SELECT ON TABLE sluice.sealed_late_calls TO sluice_audit;

GRANT SELECT ON TABLE sluice.spend_rows TO sluice_audit;

GRANT SELECT ON TABLE sluice.spend_open TO sluice_audit;

GRANT SELECT ON TABLE sluice.spend_by_model TO sluice_audit;

GRANT SELECT ON TABLE sluice.spend_daily TO sluice_audit;

GRANT SELECT ON TABLE sluice.spend_monthly TO sluice_audit;

GRANT SELECT ON TABLE sluice.summed_days TO sluice_audit;

GRANT SELECT ON TABLE sluice.top_spenders TO sluice_audit;
