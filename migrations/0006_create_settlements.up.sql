-- What calls have taken, what it cost, and how often users were refused.
-- Locks: none that anybody waits for; everything here is new.

CREATE TABLE sluice.prices (
    price_id    integer     NOT NULL GENERATED ALWAYS AS IDENTITY,
    model       text        NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz NOT NULL DEFAULT 'infinity',
    input       bigint      NOT NULL,
    cached      bigint      NOT NULL,
    cache_write bigint      NOT NULL,
    output      bigint      NOT NULL,
    CONSTRAINT prices_pkey PRIMARY KEY (price_id),
    CONSTRAINT prices_one_at_a_time UNIQUE (model, valid_from),
    CONSTRAINT prices_model_in_range CHECK (octet_length(model) BETWEEN 1 AND 256 AND position('*' IN left(model, -1)) = 0),
    CONSTRAINT prices_valid_for_a_time CHECK (valid_from < valid_until),
    CONSTRAINT prices_in_range CHECK (least(input, cached, cache_write, output) >= 0
        AND greatest(input, cached, cache_write, output) <= 1000000000000000)
);

COMMENT ON TABLE sluice.prices IS 'What models cost, in nano-USD per million tokens. A price is ended and followed by another, never changed.';
COMMENT ON COLUMN sluice.prices.model IS 'A model''s name, or the beginning of it with * after it. The longest that matches counts, a whole name before a beginning.';
COMMENT ON COLUMN sluice.prices.cached IS 'Of input that was read from the provider''s cache.';
COMMENT ON COLUMN sluice.prices.cache_write IS 'Of input that was written to the provider''s cache.';

CREATE TYPE sluice.settlement_basis AS ENUM ('reported', 'measured', 'estimated', 'drained', 'expired');

CREATE TABLE sluice.settlements (
    user_id            uuid        NOT NULL,
    settled_at         timestamptz NOT NULL,
    call_id            uuid        NOT NULL,
    admitted_at        timestamptz NOT NULL,
    model              text,
    input_tokens       bigint      NOT NULL,
    cached_tokens      bigint      NOT NULL,
    cache_write_tokens bigint      NOT NULL,
    output_tokens      bigint      NOT NULL,
    reasoning_tokens   bigint      NOT NULL,
    cost_nanousd       bigint,
    price_id           integer,
    basis              sluice.settlement_basis NOT NULL,
    is_correction      boolean     NOT NULL,
    status             smallint,
    duration_ms        bigint,
    replica            text,
    input_total        bigint      NOT NULL,
    output_total       bigint      NOT NULL,
    cost_total         bigint      NOT NULL,
    total_since        timestamptz NOT NULL,
    CONSTRAINT settlements_pkey PRIMARY KEY (user_id, settled_at, call_id)
        INCLUDE (input_total, output_total, cost_total, total_since),
    CONSTRAINT settlements_parts_within_whole CHECK (is_correction OR (
        least(input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd) >= 0
        AND cached_tokens + cache_write_tokens <= input_tokens AND reasoning_tokens <= output_tokens)),
    CONSTRAINT settlements_price_makes_cost CHECK (cost_nanousd IS NULL OR price_id IS NOT NULL OR is_correction)
) PARTITION BY RANGE (settled_at);

COMMENT ON TABLE sluice.settlements IS 'What each finished call has taken: one row, or several whose sum counts, where figures that rest on more came later. Append-only.';
COMMENT ON COLUMN sluice.settlements.settled_at IS 'By this database''s clock, strictly increasing for a user.';
COMMENT ON COLUMN sluice.settlements.admitted_at IS 'As in sluice.calls.';
COMMENT ON COLUMN sluice.settlements.model IS 'The model that answered.';
COMMENT ON COLUMN sluice.settlements.input_tokens IS 'Of the question, those from and into the provider''s cache included.';
COMMENT ON COLUMN sluice.settlements.cached_tokens IS 'Part of input_tokens that was read from the provider''s cache.';
COMMENT ON COLUMN sluice.settlements.cache_write_tokens IS 'Part of input_tokens that was written to the provider''s cache.';
COMMENT ON COLUMN sluice.settlements.output_tokens IS 'Of the answer, those of reasoning included.';
COMMENT ON COLUMN sluice.settlements.reasoning_tokens IS 'Part of output_tokens that the model thought and did not show.';
COMMENT ON COLUMN sluice.settlements.cost_nanousd IS 'By the price that was valid when the call was admitted, rounded half up; null where there was none.';
COMMENT ON COLUMN sluice.settlements.basis IS 'reported: as whoever made the call says. measured: as the provider reported. estimated: from what was seen of question and answer. drained: as the provider reported after the client had left. expired: the reservation, since nobody settled the call within its lease.';
COMMENT ON COLUMN sluice.settlements.is_correction IS 'Figures that rest on less were there: these are the differences to them, and may be negative.';
COMMENT ON COLUMN sluice.settlements.status IS 'HTTP status of the provider''s answer.';
COMMENT ON COLUMN sluice.settlements.input_total IS 'Sum of input_tokens of the user''s rows from total_since up to and including this one.';
COMMENT ON COLUMN sluice.settlements.output_total IS 'The same of output_tokens.';
COMMENT ON COLUMN sluice.settlements.cost_total IS 'The same of cost_nanousd, unknown costs left out.';
COMMENT ON COLUMN sluice.settlements.total_since IS 'settled_at of the row at which the totals began. Totals of two rows may be subtracted only where this is equal.';

CREATE INDEX settlements_call ON sluice.settlements (user_id, call_id);

CREATE TRIGGER settlements_append_only BEFORE UPDATE OR DELETE ON sluice.settlements
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER settlements_no_truncate BEFORE TRUNCATE ON sluice.settlements
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE TABLE sluice.refusals (
    user_id     uuid        NOT NULL,
    minute      timestamptz NOT NULL,
    policy_id   integer     NOT NULL,
    refused     bigint      NOT NULL,
    replica     text,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT refusals_refused_in_range CHECK (refused > 0)
) PARTITION BY RANGE (minute);

COMMENT ON TABLE sluice.refusals IS 'How often users were refused: counts that replicas write down now and then; those of one user, policy and minute add up. Append-only.';

CREATE INDEX refusals_user ON sluice.refusals (user_id, minute);

CREATE TRIGGER refusals_append_only BEFORE UPDATE OR DELETE ON sluice.refusals
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER refusals_no_truncate BEFORE TRUNCATE ON sluice.refusals
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

-- How far the leases of calls have been looked through. One row.
CREATE TABLE sluice.lease_progress (
    is_one          boolean     NOT NULL DEFAULT true,
    -- Calls admitted up to here are settled.
    settled_until   timestamptz NOT NULL,
    -- When rows that came late, after an outage, were looked through for the last time.
    late_checked_at timestamptz NOT NULL,
    CONSTRAINT lease_progress_pkey PRIMARY KEY (is_one),
    CONSTRAINT lease_progress_is_one CHECK (is_one)
);

-- Where this migration was taken back, what calls took went with it: it is not made up for by what was reserved.
INSERT INTO sluice.lease_progress (settled_until, late_checked_at)
SELECT coalesce(max(c.admitted_at), '-infinity'), '-infinity' FROM sluice.calls AS c WHERE c.reserved_input IS NOT NULL;

CREATE TYPE sluice.price_row AS (
    price_id    integer,
    model       text,
    input       bigint,
    cached      bigint,
    cache_write bigint,
    output      bigint,
    valid_from  timestamptz
);

CREATE FUNCTION sluice.current_prices() RETURNS SETOF sluice.price_row
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
SELECT p.price_id, p.model, p.input, p.cached, p.cache_write, p.output, p.valid_from
FROM sluice.prices AS p WHERE sluice.clock() >= p.valid_from AND sluice.clock() < p.valid_until
ORDER BY p.model
$$;

COMMENT ON FUNCTION sluice.current_prices() IS 'The prices of this moment, in nano-USD per million tokens.';

CREATE FUNCTION sluice.set_price(
    model text, input bigint, cached bigint DEFAULT NULL, cache_write bigint DEFAULT NULL, output bigint DEFAULT 0
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
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

COMMENT ON FUNCTION sluice.set_price(text, bigint, bigint, bigint, bigint) IS 'Sets what a model costs from now on, in nano-USD per million tokens: $2.50 is 2500000000. cached and cache_write are those of input unless given.';

-- 128 bits of a version 7 UUID begin with its time (RFC 9562 section 5.7).
CREATE FUNCTION sluice.time_of(call_id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
SELECT CASE WHEN pg_catalog.substr(call_id::text, 15, 1) = '7' THEN
    pg_catalog.to_timestamp(('x' || pg_catalog.replace(pg_catalog.left(call_id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) END
$$;

COMMENT ON FUNCTION sluice.time_of(uuid) IS 'When a call id of version 7 was made, by the clock of whoever made it; null for any other.';

-- The admission of a call of which only its id is known: looked for over 31 days.
-- The plan is kept: to make one over a year of partitions takes longer than to look, and the indexes suit every call.
CREATE FUNCTION sluice.admission_of(wanted_user uuid, wanted_call uuid, clock timestamptz) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
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

-- Who makes a call may say what he likes of it: what the gateway knows of its own calls counts more.
CREATE FUNCTION sluice.weight_of_basis(basis sluice.settlement_basis) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT CASE basis WHEN 'reported' THEN 0 WHEN 'expired' THEN 1 ELSE 2 END$$;

COMMENT ON FUNCTION sluice.weight_of_basis(sluice.settlement_basis) IS 'How much figures count: those of a call are corrected by figures that count more, and by no others.';

CREATE TYPE sluice.settling AS (
    "position" integer,
    outcome    text,
    cost       bigint
);

COMMENT ON TYPE sluice.settling IS 'What became of one settlement. outcome: settled; corrected (what was there rested on less: a row with the difference was added); known (the ledger held it already); busy (another transaction holds the lock on the user''s settlements: bring it again); no_call (there is no such call; only where admitted_at is null). cost is in nano-USD, null where there is no price.';

-- Everything about one user's settlements happens under one lock, another than that of his admissions: neither waits for
-- the other. Totals are of the rows of the last 7 days; after a longer silence they start again.
-- The plan is kept: to make one takes five times as long as to settle a call, and it prunes partitions when it runs.
CREATE FUNCTION sluice.settle_many(
    user_ids uuid[], call_ids uuid[], admitted_ats timestamptz[], models text[], input_tokens bigint[],
    cached_tokens bigint[], cache_write_tokens bigint[], output_tokens bigint[], reasoning_tokens bigint[],
    bases text[], statuses smallint[], durations_ms bigint[], replica text
) RETURNS SETOF sluice.settling
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
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

COMMENT ON FUNCTION sluice.settle_many(uuid[], uuid[], timestamptz[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], smallint[], bigint[], text) IS 'Adds what calls have taken, each call once by its id. Waits for no lock. admitted_ats is what the admission answered, null to look for it. Rows come in any order; position is the settlement''s place in the arrays, from 1.';

-- A replica that dies leaves its calls open. Runs in one transaction at a time; several replicas do not do it twice.
CREATE FUNCTION sluice.expire_calls(lease interval, at_most integer DEFAULT 1000, replica text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_custom_plan
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

COMMENT ON FUNCTION sluice.expire_calls(interval, integer, text) IS 'Settles calls of the gateway that nobody settled within their lease, with what was reserved; returns how many. Run by the maintenance of every replica; a settlement that comes later corrects it.';

CREATE FUNCTION sluice.record_refusals(
    user_ids uuid[], policy_ids integer[], minutes timestamptz[], counts bigint[], replica text
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
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

COMMENT ON FUNCTION sluice.record_refusals(uuid[], integer[], timestamptz[], bigint[], text) IS 'Writes down how often users were refused, per minute.';

CREATE FUNCTION sluice.user_facts(user_id uuid) RETURNS TABLE (
    calls bigint, unchecked bigint, last_unchecked_at timestamptz, refusal_minutes timestamptz[], refusal_counts bigint[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan
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

COMMENT ON FUNCTION sluice.user_facts(uuid) IS 'How a user fared over the last 24 hours: calls, those of them that were let through in an outage, and refusals by minute, newest first.';

SELECT sluice.ensure_partitions((sluice.clock() AT TIME ZONE 'UTC')::date - 1, 4);
