-- What was spent, summed up: rollups of days that are over, and the views that people read.
-- Locks: ACCESS SHARE on the ledger's tables while views are made on them, and SHARE UPDATE EXCLUSIVE on an index that is
-- renamed: admissions wait for neither. Everything else here is new.
--
-- Calls count on the UTC day of their admission, tokens and cost on the day on which they were settled: so a day that is over
-- does not change. What may come late are calls that were let through in an outage, which are summed up apart.

CREATE TABLE sluice.daily_spend (
    user_id            uuid     NOT NULL,
    day                date     NOT NULL,
    model              text     NOT NULL,
    part               smallint NOT NULL,
    calls              bigint   NOT NULL,
    weight             bigint   NOT NULL,
    unchecked          bigint   NOT NULL,
    settled            bigint   NOT NULL,
    unpriced           bigint   NOT NULL,
    input_tokens       bigint   NOT NULL,
    cached_tokens      bigint   NOT NULL,
    cache_write_tokens bigint   NOT NULL,
    output_tokens      bigint   NOT NULL,
    reasoning_tokens   bigint   NOT NULL,
    cost_nanousd       numeric  NOT NULL,
    CONSTRAINT daily_spend_pkey PRIMARY KEY (user_id, day, model, part)
);

CREATE INDEX daily_spend_day ON sluice.daily_spend (day);

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

-- Every day adds to the same row of a user, in place where its page has room.
CREATE TABLE sluice.monthly_spend (
    user_id            uuid    NOT NULL,
    month              date    NOT NULL,
    calls              bigint  NOT NULL,
    weight             bigint  NOT NULL,
    unchecked          bigint  NOT NULL,
    settled            bigint  NOT NULL,
    unpriced           bigint  NOT NULL,
    input_tokens       bigint  NOT NULL,
    cached_tokens      bigint  NOT NULL,
    cache_write_tokens bigint  NOT NULL,
    output_tokens      bigint  NOT NULL,
    reasoning_tokens   bigint  NOT NULL,
    cost_nanousd       numeric NOT NULL,
    CONSTRAINT monthly_spend_pkey PRIMARY KEY (user_id, month)
) WITH (fillfactor = 80);

CREATE INDEX monthly_spend_month ON sluice.monthly_spend (month);

CREATE TABLE sluice.daily_model_spend (
    day                date    NOT NULL,
    model              text    NOT NULL,
    calls              bigint  NOT NULL,
    weight             bigint  NOT NULL,
    unchecked          bigint  NOT NULL,
    settled            bigint  NOT NULL,
    unpriced           bigint  NOT NULL,
    input_tokens       bigint  NOT NULL,
    cached_tokens      bigint  NOT NULL,
    cache_write_tokens bigint  NOT NULL,
    output_tokens      bigint  NOT NULL,
    reasoning_tokens   bigint  NOT NULL,
    cost_nanousd       numeric NOT NULL,
    CONSTRAINT daily_model_spend_pkey PRIMARY KEY (day, model)
);

COMMENT ON TABLE sluice.monthly_spend IS 'sluice.daily_spend summed up by user and month, the days of the current month that are over included. Read sluice.spend_monthly.';
COMMENT ON TABLE sluice.daily_model_spend IS 'sluice.daily_spend summed up by day and model, over all users. Read sluice.spend_by_model.';

CREATE TABLE sluice.rolled_days (
    day                date        NOT NULL,
    calls              bigint      NOT NULL,
    settlements        bigint      NOT NULL,
    unchecked          bigint      NOT NULL,
    first_unchecked_at timestamptz,
    last_unchecked_at  timestamptz,
    part               smallint    NOT NULL,
    rolled_at          timestamptz NOT NULL,
    CONSTRAINT rolled_days_pkey PRIMARY KEY (day)
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
    is_one          boolean     NOT NULL DEFAULT true,
    rolled_until    date        NOT NULL,
    closing_day     date,
    closing_xid     xid8,
    late_checked_at timestamptz NOT NULL,
    open_since      date        NOT NULL,
    CONSTRAINT rollup_progress_pkey PRIMARY KEY (is_one),
    CONSTRAINT rollup_progress_is_one CHECK (is_one)
);

COMMENT ON TABLE sluice.rollup_progress IS 'How far the ledger is summed up. One row.';
COMMENT ON COLUMN sluice.rollup_progress.is_one IS 'There is one row.';
COMMENT ON COLUMN sluice.rollup_progress.rolled_until IS 'All UTC days before this one are summed up; reports read this one and those after it from the ledger.';
COMMENT ON COLUMN sluice.rollup_progress.closing_day IS 'The UTC days before this one are over.';
COMMENT ON COLUMN sluice.rollup_progress.closing_xid IS 'They take no more rows in order when all transactions before this one have ended.';
COMMENT ON COLUMN sluice.rollup_progress.late_checked_at IS 'When late calls were looked for the last time.';

COMMENT ON COLUMN sluice.rollup_progress.open_since IS 'sluice.spend_open is defined over partitions from this UTC day on: some days before rolled_until.';

INSERT INTO sluice.rollup_progress (rolled_until, late_checked_at, open_since)
VALUES ('-infinity', '-infinity', '-infinity');

-- What was spent, row by row: the ledger's two tables in one form. Other views sum it up.
CREATE VIEW sluice.spend_rows AS
SELECT c.admitted_at AS at, c.user_id, c.call_id, c.admitted_at, left(coalesce(c.model, ''), 256) AS model,
    1::bigint AS calls, c.weight, (c.mode = 'unchecked')::integer::bigint AS unchecked,
    0::bigint AS settled, 0::bigint AS unpriced, 0::bigint AS input_tokens, 0::bigint AS cached_tokens,
    0::bigint AS cache_write_tokens, 0::bigint AS output_tokens, 0::bigint AS reasoning_tokens, 0::bigint AS cost_nanousd
FROM sluice.calls AS c
UNION ALL
SELECT s.settled_at, s.user_id, s.call_id, s.admitted_at, left(coalesce(s.model, ''), 256),
    0::bigint, 0::bigint, 0::bigint,
    (NOT s.is_correction)::integer::bigint, (NOT s.is_correction AND s.cost_nanousd IS NULL)::integer::bigint,
    s.input_tokens, s.cached_tokens, s.cache_write_tokens, s.output_tokens, s.reasoning_tokens,
    coalesce(s.cost_nanousd, 0)
FROM sluice.settlements AS s;

-- The same for days that are not summed up yet: the day from which on is read with them. A constant beside it, which may lag
-- by some days, leaves older partitions out of the plan: to plan over hundreds takes longer than to read the sums of years.
CREATE FUNCTION sluice.define_spend_open(since date) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $define$
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
$define$;

COMMENT ON FUNCTION sluice.define_spend_open(date) IS 'Leaves partitions before a UTC day out of what reports of open days are planned over.';

SELECT sluice.define_spend_open('-infinity');

CREATE VIEW sluice.spend_daily AS
SELECT s.day, s.user_id, nullif(s.model, '') AS model, sum(s.calls)::bigint AS calls, sum(s.weight)::bigint AS weight,
    sum(s.unchecked)::bigint AS unchecked, sum(s.settled)::bigint AS settled, sum(s.unpriced)::bigint AS unpriced,
    sum(s.input_tokens)::bigint AS input_tokens, sum(s.cached_tokens)::bigint AS cached_tokens,
    sum(s.cache_write_tokens)::bigint AS cache_write_tokens, sum(s.output_tokens)::bigint AS output_tokens,
    sum(s.reasoning_tokens)::bigint AS reasoning_tokens, sum(s.cost_nanousd) AS cost_nanousd,
    sum(s.cost_nanousd) * 0.000000001 AS cost_usd
FROM (
    SELECT d.day, d.user_id, d.model, d.calls, d.weight, d.unchecked, d.settled, d.unpriced, d.input_tokens,
        d.cached_tokens, d.cache_write_tokens, d.output_tokens, d.reasoning_tokens, d.cost_nanousd
    FROM sluice.daily_spend AS d
    UNION ALL
    SELECT o.day, o.user_id, o.model, o.calls, o.weight, o.unchecked, o.settled, o.unpriced, o.input_tokens,
        o.cached_tokens, o.cache_write_tokens, o.output_tokens, o.reasoning_tokens, o.cost_nanousd::numeric
    FROM sluice.spend_open AS o
) AS s
GROUP BY 1, 2, 3;

CREATE VIEW sluice.spend_monthly AS
SELECT s.month, s.user_id, sum(s.calls)::bigint AS calls, sum(s.weight)::bigint AS weight,
    sum(s.unchecked)::bigint AS unchecked, sum(s.settled)::bigint AS settled, sum(s.unpriced)::bigint AS unpriced,
    sum(s.input_tokens)::bigint AS input_tokens, sum(s.cached_tokens)::bigint AS cached_tokens,
    sum(s.cache_write_tokens)::bigint AS cache_write_tokens, sum(s.output_tokens)::bigint AS output_tokens,
    sum(s.reasoning_tokens)::bigint AS reasoning_tokens, sum(s.cost_nanousd) AS cost_nanousd,
    sum(s.cost_nanousd) * 0.000000001 AS cost_usd
FROM (
    SELECT m.month, m.user_id, m.calls, m.weight, m.unchecked, m.settled, m.unpriced, m.input_tokens, m.cached_tokens,
        m.cache_write_tokens, m.output_tokens, m.reasoning_tokens, m.cost_nanousd
    FROM sluice.monthly_spend AS m
    UNION ALL
    -- One row per user and day first: a day has many rows of a user.
    SELECT date_trunc('month', o.day::timestamp)::date, o.user_id, sum(o.calls)::bigint, sum(o.weight)::bigint,
        sum(o.unchecked)::bigint, sum(o.settled)::bigint, sum(o.unpriced)::bigint, sum(o.input_tokens)::bigint,
        sum(o.cached_tokens)::bigint, sum(o.cache_write_tokens)::bigint, sum(o.output_tokens)::bigint,
        sum(o.reasoning_tokens)::bigint, sum(o.cost_nanousd)
    FROM sluice.spend_open AS o
    GROUP BY 1, 2
) AS s
GROUP BY 1, 2;

CREATE VIEW sluice.spend_by_model AS
SELECT s.day, nullif(s.model, '') AS model, sum(s.calls)::bigint AS calls, sum(s.weight)::bigint AS weight,
    sum(s.unchecked)::bigint AS unchecked, sum(s.settled)::bigint AS settled, sum(s.unpriced)::bigint AS unpriced,
    sum(s.input_tokens)::bigint AS input_tokens, sum(s.cached_tokens)::bigint AS cached_tokens,
    sum(s.cache_write_tokens)::bigint AS cache_write_tokens, sum(s.output_tokens)::bigint AS output_tokens,
    sum(s.reasoning_tokens)::bigint AS reasoning_tokens, sum(s.cost_nanousd) AS cost_nanousd,
    sum(s.cost_nanousd) * 0.000000001 AS cost_usd
FROM (
    SELECT d.day, d.model, d.calls, d.weight, d.unchecked, d.settled, d.unpriced, d.input_tokens, d.cached_tokens,
        d.cache_write_tokens, d.output_tokens, d.reasoning_tokens, d.cost_nanousd
    FROM sluice.daily_model_spend AS d
    UNION ALL
    SELECT o.day, o.model, o.calls, o.weight, o.unchecked, o.settled, o.unpriced, o.input_tokens, o.cached_tokens,
        o.cache_write_tokens, o.output_tokens, o.reasoning_tokens, o.cost_nanousd::numeric
    FROM sluice.spend_open AS o
) AS s
GROUP BY 1, 2;

CREATE VIEW sluice.top_spenders AS
SELECT m.month, rank() OVER (PARTITION BY m.month ORDER BY m.cost_nanousd DESC) AS rank, m.user_id, m.cost_nanousd,
    m.cost_usd, m.calls, m.settled, m.unpriced, m.input_tokens, m.output_tokens
FROM sluice.spend_monthly AS m;

-- The view takes the name of the index, which no client uses.
-- squawk-ignore renaming-object
ALTER INDEX sluice.calls_unchecked RENAME TO calls_unchecked_user;

CREATE VIEW sluice.calls_unchecked AS
SELECT c.admitted_at, c.user_id, c.call_id, c.weight, c.replica, c.route, c.model, c.key_id, c.policy_id
FROM sluice.calls AS c WHERE c.mode = 'unchecked';

-- Key and route are told by a call's own row.
CREATE VIEW sluice.call_origins AS
SELECT c.user_id, c.admitted_at, c.call_id, c.key_id, c.route FROM sluice.calls AS c;

-- Spans of a replica's unchecked calls that are no more than five minutes apart.
CREATE VIEW sluice.outages AS
SELECT s.replica, min(s.admitted_at) AS first_at, max(s.admitted_at) AS last_at, count(*) AS calls,
    count(DISTINCT s.user_id) AS users, sum(s.weight)::bigint AS weight
FROM (
    SELECT g.replica, g.admitted_at, g.user_id, g.weight,
        count(*) FILTER (WHERE g.is_first) OVER (PARTITION BY g.replica ORDER BY g.admitted_at, g.user_id, g.call_id) AS span
    FROM (
        SELECT u.*, coalesce(u.admitted_at - lag(u.admitted_at) OVER (
            PARTITION BY u.replica ORDER BY u.admitted_at, u.user_id, u.call_id) > interval '5 minutes', true) AS is_first
        FROM sluice.calls_unchecked AS u
    ) AS g
) AS s
GROUP BY s.replica, s.span;

-- Open are the calls that expiry has not looked through yet, and those that came late behind it.
CREATE VIEW sluice.calls_unsettled AS
SELECT c.admitted_at, c.user_id, c.call_id, c.mode, c.replica, c.route, c.model, c.key_id, c.reserved_input,
    c.reserved_output, c.reserved_cost
FROM (
    SELECT n.* FROM sluice.calls AS n
    WHERE n.reserved_input IS NOT NULL
        AND n.admitted_at > (SELECT p.settled_until - interval '1 minute' FROM sluice.lease_progress AS p)
    UNION ALL
    SELECT l.* FROM sluice.calls AS l
    WHERE l.reserved_input IS NOT NULL AND l.mode = 'unchecked' AND l.admitted_at > now() - interval '7 days'
        AND l.admitted_at <= (SELECT p.settled_until - interval '1 minute' FROM sluice.lease_progress AS p)
) AS c
WHERE NOT EXISTS (
    SELECT FROM sluice.settlements AS s
    WHERE s.user_id = c.user_id AND s.call_id = c.call_id AND s.basis <> 'reported'
        AND s.settled_at > (
            SELECT least(p.settled_until - interval '25 hours', now() - interval '8 days') FROM sluice.lease_progress AS p)
);

CREATE VIEW sluice.ledger_days AS
SELECT (b.first_day + n) AS day, (b.first_day + n)::timestamp AT TIME ZONE 'UTC' AS starts_at,
    (b.first_day + n + 1)::timestamp AT TIME ZONE 'UTC' AS ends_at
FROM (
    SELECT (min(p.bounds[1]::timestamptz) AT TIME ZONE 'UTC')::date AS first_day,
        (max(p.bounds[2]::timestamptz) AT TIME ZONE 'UTC')::date AS end_day
    FROM (
        SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS bounds
        FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('sluice.calls'::regclass, 'sluice.settlements'::regclass, 'sluice.refusals'::regclass)
    ) AS p
) AS b
CROSS JOIN LATERAL generate_series(0, b.end_day - b.first_day - 1) AS n;

CREATE VIEW sluice.summed_days AS
SELECT d.day, d.calls, d.settlements, d.unchecked, d.rolled_at FROM sluice.rolled_days AS d;

CREATE VIEW sluice.refusals_by_minute AS
SELECT r.minute, r.user_id, r.policy_id, sum(r.refused)::bigint AS refused
FROM sluice.refusals AS r GROUP BY r.minute, r.user_id, r.policy_id;

CREATE VIEW sluice.refusals_by_hour AS
SELECT d.day, r.hour, r.user_id, r.policy_id, r.refused
FROM sluice.ledger_days AS d
CROSS JOIN LATERAL (
    SELECT date_trunc('hour', f.minute, 'UTC') AS hour, f.user_id, f.policy_id, sum(f.refused)::bigint AS refused
    FROM sluice.refusals AS f WHERE f.minute >= d.starts_at AND f.minute < d.ends_at
    GROUP BY 1, 2, 3
) AS r;

-- By call, whenever it was settled: what tells whether each call has been paid for.
CREATE VIEW sluice.reconciliation AS
SELECT d.day, r.user_id, r.calls, r.settled, r.unsettled, r.unchecked, r.expired, r.estimated, r.unpriced, r.input_tokens,
    r.cached_tokens, r.cache_write_tokens, r.output_tokens, r.reasoning_tokens, r.cost_nanousd,
    r.cost_nanousd * 0.000000001 AS cost_usd
FROM sluice.ledger_days AS d
CROSS JOIN LATERAL (
    SELECT c.user_id, count(*) AS calls, count(s.call_id) AS settled, count(*) - count(s.call_id) AS unsettled,
        count(*) FILTER (WHERE c.mode = 'unchecked') AS unchecked,
        count(*) FILTER (WHERE s.is_expired AND NOT s.is_known) AS expired,
        count(*) FILTER (WHERE s.is_estimated AND NOT s.is_measured) AS estimated,
        count(*) FILTER (WHERE s.call_id IS NOT NULL AND s.cost_nanousd IS NULL) AS unpriced,
        coalesce(sum(s.input_tokens), 0)::bigint AS input_tokens, coalesce(sum(s.cached_tokens), 0)::bigint AS cached_tokens,
        coalesce(sum(s.cache_write_tokens), 0)::bigint AS cache_write_tokens,
        coalesce(sum(s.output_tokens), 0)::bigint AS output_tokens,
        coalesce(sum(s.reasoning_tokens), 0)::bigint AS reasoning_tokens, coalesce(sum(s.cost_nanousd), 0) AS cost_nanousd
    FROM sluice.calls AS c
    LEFT JOIN (
        SELECT t.user_id, t.call_id, sum(t.input_tokens) AS input_tokens, sum(t.cached_tokens) AS cached_tokens,
            sum(t.cache_write_tokens) AS cache_write_tokens, sum(t.output_tokens) AS output_tokens,
            sum(t.reasoning_tokens) AS reasoning_tokens, sum(t.cost_nanousd) AS cost_nanousd,
            bool_or(t.basis = 'expired') AS is_expired, bool_or(t.basis IN ('measured', 'estimated', 'drained')) AS is_known,
            bool_or(t.basis = 'estimated') AS is_estimated, bool_or(t.basis IN ('measured', 'drained')) AS is_measured
        FROM sluice.settlements AS t
        WHERE t.settled_at >= d.starts_at - interval '1 day' AND t.settled_at < d.ends_at + interval '32 days'
        GROUP BY t.user_id, t.call_id
    ) AS s ON s.user_id = c.user_id AND s.call_id = c.call_id
    WHERE c.admitted_at >= d.starts_at AND c.admitted_at < d.ends_at
    GROUP BY c.user_id
) AS r;

CREATE VIEW sluice.key_list AS
SELECT k.key_id, k.user_id, k.prefix, k.name, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
FROM sluice.api_keys AS k;

COMMENT ON VIEW sluice.spend_rows IS 'What was spent, row by row: a row when a call is admitted, another when it is settled. Filter on at, which leaves other days alone.';
COMMENT ON VIEW sluice.spend_open IS 'sluice.spend_rows of the UTC days that are not summed up yet: today and, for some hours, yesterday.';
COMMENT ON VIEW sluice.spend_daily IS 'Spend by UTC day, user and model: calls on the day of their admission, tokens and cost on the day on which they were settled. Calls replayed after an outage into a day that is over show within some minutes.';
COMMENT ON VIEW sluice.spend_monthly IS 'Spend by month (of UTC) and user, the current month up to now.';
COMMENT ON VIEW sluice.spend_by_model IS 'Spend by UTC day and model, over all users.';
COMMENT ON VIEW sluice.top_spenders IS 'Users of a month by what they spent: filter on month and rank.';
COMMENT ON VIEW sluice.calls_unchecked IS 'Calls let through while the database could not decide, and recorded later.';
COMMENT ON VIEW sluice.call_origins IS 'Where calls came from: join it to sluice.spend_rows by user_id, call_id and admitted_at, and filter on admitted_at in both.';
COMMENT ON VIEW sluice.outages IS 'Spans in which a replica let calls through unchecked: calls no more than five minutes apart are one span.';
COMMENT ON VIEW sluice.calls_unsettled IS 'Calls of the gateway that are open: running now, or waiting for their lease to end.';
COMMENT ON VIEW sluice.ledger_days IS 'The UTC days that the ledger''s partitions cover.';
COMMENT ON VIEW sluice.summed_days IS 'The UTC days that are summed up: reports read their sums, also when retention has dropped their rows.';
COMMENT ON VIEW sluice.refusals_by_minute IS 'How often users were refused, by minute. Filter on minute, which leaves other days alone.';
COMMENT ON VIEW sluice.refusals_by_hour IS 'How often users were refused, by hour (of UTC). Filter on day, which leaves other days alone.';
COMMENT ON VIEW sluice.reconciliation IS 'By user and UTC day of admission: which calls were settled, and what those calls took, settled up to 32 days later. Read from the ledger''s rows: filter on day, or on user_id.';
COMMENT ON VIEW sluice.key_list IS 'API keys, without their digests.';

-- The same columns mean the same everywhere.
DO $$
DECLARE
    target record;
BEGIN
    FOR target IN
        SELECT c.relname, a.attname, t.comment
        FROM (VALUES
            ('day', 'The UTC day.'),
            ('month', 'The first day of the month, of UTC.'),
            ('hour', 'The start of the hour, of UTC.'),
            ('minute', 'The start of the minute.'),
            ('at', 'When it counts: of a call its admission, of what it took its settlement.'),
            ('rank', '1 for who spent most; the same for equal spend.'),
            ('user_id', 'Who spent it, or was refused.'),
            ('call_id', 'The call, as in sluice.calls.'),
            ('admitted_at', 'When the call was let through, as in sluice.calls.'),
            ('model', 'Of calls the model that was asked for, of tokens and cost the one that answered; null or empty where unknown.'),
            ('calls', 'Calls admitted.'),
            ('settlements', 'Rows of sluice.settlements that were summed up.'),
            ('rolled_at', 'When the day was summed up, or late calls were added to it.'),
            ('weight', 'Sum of the weights of the calls.'),
            ('unchecked', 'Those of the calls that were let through in an outage.'),
            ('settled', 'Calls settled.'),
            ('unsettled', 'Calls of which nobody said yet what they took.'),
            ('expired', 'Those of the settled calls for which only the reservation is known: nobody settled them within their lease.'),
            ('estimated', 'Those of the settled calls whose figures are estimated, the provider having reported none.'),
            ('unpriced', 'Those of the settled calls whose price was not known; they count 0 in the cost.'),
            ('input_tokens', 'Tokens of questions, those from and into the provider''s cache included.'),
            ('cached_tokens', 'Part of input_tokens that was read from the provider''s cache.'),
            ('cache_write_tokens', 'Part of input_tokens that was written to the provider''s cache.'),
            ('output_tokens', 'Tokens of answers, those of reasoning included.'),
            ('reasoning_tokens', 'Part of output_tokens that models thought and did not show.'),
            ('cost_nanousd', 'In nano-USD (1 USD is 1000000000), whole.'),
            ('cost_usd', 'The same in USD, with all nine decimals.'),
            ('replica', 'The replica of the service that let the calls through.'),
            ('route', 'What was called, in the caller''s words.'),
            ('key_id', 'The API key, as in sluice.key_list; null for a token.'),
            ('policy_id', 'The policy that decided; 1 is the built-in default.'),
            ('mode', 'How the call was admitted, as in sluice.calls.'),
            ('reserved_input', 'Tokens of the question, as estimated at admission.'),
            ('reserved_output', 'Tokens of the answer at most, as estimated at admission.'),
            ('reserved_cost', 'Nano-USD at most, by the prices of the moment; null where no price was known.'),
            ('refused', 'How many calls were refused.'),
            ('first_at', 'The first call of the span.'),
            ('last_at', 'The last call of the span.'),
            ('users', 'Users of those calls.'),
            ('starts_at', 'Midnight UTC at which the day begins.'),
            ('ends_at', 'Midnight UTC at which it ends, which belongs to the next.'),
            ('prefix', 'The first characters of the key.'),
            ('name', 'What its maker called the key.'),
            ('role', 'What the key''s bearer may do.'),
            ('created_at', 'When the key was made.'),
            ('expires_at', 'When the key ends by itself; null for never.'),
            ('revoked_at', 'When the key was ended; null if it was not.'),
            ('last_used_at', 'When the key was last used, within some minutes.')
        ) AS t(name, comment)
        JOIN pg_catalog.pg_attribute AS a ON a.attname = t.name
        JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'sluice'::regnamespace AND c.relname = ANY (ARRAY['monthly_spend', 'daily_model_spend',
            'spend_rows', 'spend_open', 'spend_daily', 'spend_monthly', 'spend_by_model', 'top_spenders', 'calls_unchecked',
            'call_origins', 'outages', 'calls_unsettled', 'ledger_days', 'summed_days', 'refusals_by_minute', 'refusals_by_hour', 'reconciliation',
            'key_list'])
    LOOP
        EXECUTE format('COMMENT ON COLUMN sluice.%I.%I IS %L', target.relname, target.attname, target.comment);
    END LOOP;
END
$$;

-- Adds a part of a day to the sums over it, or takes it away (sign -1).
CREATE FUNCTION sluice.carry_spend(wanted_day date, wanted_part smallint, sign integer) RETURNS void
LANGUAGE sql VOLATILE
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

-- Sums up what was decided and settled in order on a day that takes no more of it.
CREATE FUNCTION sluice.roll_day(wanted_day date) RETURNS void
LANGUAGE plpgsql VOLATILE
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

-- Sums up a day's unchecked calls, anew where that was done before.
CREATE FUNCTION sluice.roll_late(wanted_day date) RETURNS void
LANGUAGE plpgsql VOLATILE
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

-- One at a time; what was summed up and how far show to others at once.
CREATE FUNCTION sluice.roll_up(
    at_most integer DEFAULT 1, grace interval DEFAULT '2 hours', late_every interval DEFAULT '5 minutes'
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' SET work_mem = '64MB' SET jit = off
SET plan_cache_mode = force_custom_plan
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

COMMENT ON FUNCTION sluice.carry_spend(date, smallint, integer) IS 'Adds a part of a day to the sums over it, or takes it away (sign -1).';
COMMENT ON FUNCTION sluice.roll_day(date) IS 'Sums up what was decided and settled in order on a day that is over.';
COMMENT ON FUNCTION sluice.roll_late(date) IS 'Sums up a day''s unchecked calls, anew where that was done before.';
COMMENT ON FUNCTION sluice.roll_up(integer, interval, interval) IS 'Sums up days that have been over for longer than grace, and days that late calls came to; at most so many at once, and returns how many. Run by the maintenance of every replica; waits for no lock and holds up no admission.';

SELECT sluice.grant_privileges();
