-- Seals: a digest of every day of the ledger that is over, each chained to the one before, so that a later change of any
-- row, also by a superuser, is found by whoever recomputes them. Auditors read here what they recompute it from.
-- Locks: ACCESS SHARE on what is read by the new views; nobody waits for it.
--
-- What is digested, in format 1 (docs/audit.md has it in full):
--   * A row is its line of COPY … TO STDOUT in text format: TimeZone UTC, DateStyle ISO, UTF-8, columns as in call_line
--     and settlement_line. Columns that later migrations add belong to later formats.
--   * Rows go in the order of their key, in ranges of 65,536: SHA-256 over a range's lines. The digest of a part of a day is
--     SHA-256 over the lines that the digests of its ranges make in hexadecimal.
--   * Calls that were decided in order, and settlements, cannot come late: one part of the day's seal. Unchecked calls can,
--     when a journal is replayed: another part, of those that were there, each listed in seal_late_calls. Those that come
--     after get a seal of their own, a numbered amendment of the day. So no amendment can cover up a change of what was sealed.
--   * chain is SHA-256 over the line of seal_chain up to it, and begins with the chain of the seal before.

CREATE TABLE sluice.seals (
    seal_no     bigint      NOT NULL,
    ledger      text        NOT NULL,
    day         date        NOT NULL,
    amendment   integer     NOT NULL,
    format      smallint    NOT NULL,
    row_count   bigint      NOT NULL,
    digest      bytea       NOT NULL,
    late_count  bigint      NOT NULL,
    late_digest bytea       NOT NULL,
    sealed_at   timestamptz NOT NULL,
    previous    bytea       NOT NULL,
    chain       bytea       NOT NULL,
    CONSTRAINT seals_pkey PRIMARY KEY (seal_no),
    CONSTRAINT seals_once UNIQUE (ledger, day, amendment),
    CONSTRAINT seals_ledger_known CHECK (ledger IN ('calls', 'settlements')),
    CONSTRAINT seals_in_range CHECK (seal_no >= 1 AND amendment >= 0 AND row_count >= 0 AND late_count >= 0),
    CONSTRAINT seals_hold_sha256 CHECK (octet_length(digest) = 32 AND octet_length(late_digest) = 32
        AND octet_length(previous) = 32 AND octet_length(chain) = 32)
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

CREATE TABLE sluice.seal_ranges (
    seal_no   bigint      NOT NULL,
    is_late   boolean     NOT NULL,
    ordinal   integer     NOT NULL,
    row_count integer     NOT NULL,
    digest    bytea       NOT NULL,
    first_user uuid       NOT NULL,
    first_at  timestamptz NOT NULL,
    first_call uuid       NOT NULL,
    last_user uuid        NOT NULL,
    last_at   timestamptz NOT NULL,
    last_call uuid        NOT NULL,
    CONSTRAINT seal_ranges_pkey PRIMARY KEY (seal_no, is_late, ordinal),
    CONSTRAINT seal_ranges_seal FOREIGN KEY (seal_no) REFERENCES sluice.seals (seal_no)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT seal_ranges_in_range CHECK (ordinal >= 0 AND row_count >= 1),
    CONSTRAINT seal_ranges_hold_sha256 CHECK (octet_length(digest) = 32)
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

CREATE TABLE sluice.seal_late_calls (
    seal_no     bigint      NOT NULL,
    user_id     uuid        NOT NULL,
    admitted_at timestamptz NOT NULL,
    call_id     uuid        NOT NULL,
    CONSTRAINT seal_late_calls_pkey PRIMARY KEY (seal_no, user_id, admitted_at, call_id),
    CONSTRAINT seal_late_calls_seal FOREIGN KEY (seal_no) REFERENCES sluice.seals (seal_no)
        DEFERRABLE INITIALLY DEFERRED
);

-- In this order, so that the calls of a day lie together. Not unique: what somebody listed for a seal that is none of theirs
-- must not keep them from being sealed.
CREATE INDEX seal_late_calls_at ON sluice.seal_late_calls (admitted_at, user_id, call_id);

COMMENT ON TABLE sluice.seal_late_calls IS 'Which unchecked calls a seal has: those of its day that no earlier seal has. Append-only.';
COMMENT ON COLUMN sluice.seal_late_calls.seal_no IS 'The seal.';
COMMENT ON COLUMN sluice.seal_late_calls.user_id IS 'With admitted_at and call_id the key of a row of sluice.calls.';
COMMENT ON COLUMN sluice.seal_late_calls.admitted_at IS 'As in sluice.calls.';
COMMENT ON COLUMN sluice.seal_late_calls.call_id IS 'As in sluice.calls.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['seals', 'seal_ranges', 'seal_late_calls'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON sluice.%I FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change()',
            name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON sluice.%I FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change()',
            name || '_no_truncate', name);
    END LOOP;
END
$$;

-- What COPY writes for a text.
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

COMMENT ON FUNCTION sluice.copy_text(text) IS 'A text, or null, as COPY writes it in text format.';

-- Both begin with the row's key.
CREATE FUNCTION sluice.call_line(r sluice.calls) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT concat_ws(E'\t', r.user_id, r.admitted_at, r.call_id, r.weight, coalesce(r.running_total::text, '\N'),
    coalesce(r.total_since::text, '\N'), r.policy_id, r.mode, CASE WHEN r.id_supplied THEN 't' ELSE 'f' END,
    sluice.copy_text(r.route), sluice.copy_text(r.model), sluice.copy_text(r.replica), coalesce(r.key_id::text, '\N'),
    coalesce(r.logical_id::text, '\N'), coalesce(r.attempt::text, '\N'), coalesce(r.reserved_input::text, '\N'),
    coalesce(r.reserved_output::text, '\N'), coalesce(r.reserved_cost::text, '\N'))
$$;

COMMENT ON FUNCTION sluice.call_line(sluice.calls) IS 'A row as COPY writes it, in format 1 of the seals, without the line feed.';

CREATE FUNCTION sluice.settlement_line(r sluice.settlements) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT concat_ws(E'\t', r.user_id, r.settled_at, r.call_id, r.admitted_at, sluice.copy_text(r.model), r.input_tokens,
    r.cached_tokens, r.cache_write_tokens, r.output_tokens, r.reasoning_tokens, coalesce(r.cost_nanousd::text, '\N'),
    coalesce(r.price_id::text, '\N'), r.basis, CASE WHEN r.is_correction THEN 't' ELSE 'f' END,
    coalesce(r.status::text, '\N'), coalesce(r.duration_ms::text, '\N'), sluice.copy_text(r.replica), r.input_total,
    r.output_total, r.cost_total, r.total_since)
$$;

COMMENT ON FUNCTION sluice.settlement_line(sluice.settlements) IS 'A row as COPY writes it, in format 1 of the seals, without the line feed.';

-- Digests one part of a seal, a range at a time, and notes the ranges. Whatever it reads is committed and changes no more.
CREATE FUNCTION sluice.seal_part(
    seal_no bigint, ledger text, day date, is_late boolean, OUT row_count bigint, OUT digest bytea
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD'
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off SET standard_conforming_strings = on
AS $$
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
$$;

COMMENT ON FUNCTION sluice.seal_part(bigint, text, date, boolean) IS 'Digests the rows of a day that a seal is for, and notes their ranges.';

-- The line that chain is made of. The view seal_chain shows the same columns in the same order.
CREATE FUNCTION sluice.seal_line(s sluice.seals) RETURNS text
LANGUAGE sql STABLE
SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET search_path = pg_catalog, pg_temp
AS $$
SELECT concat_ws(E'\t', encode(s.previous, 'hex'), s.seal_no, s.ledger, s.day, s.amendment, s.format, s.row_count,
    encode(s.digest, 'hex'), s.late_count, encode(s.late_digest, 'hex'), s.sealed_at)
$$;

COMMENT ON FUNCTION sluice.seal_line(sluice.seals) IS 'What the chain has of a seal, without the line feed.';

-- Adds one seal to the chain. The caller holds the lock of sealing.
CREATE FUNCTION sluice.add_seal(ledger text, day date, amendment integer) RETURNS sluice.seals
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
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

COMMENT ON FUNCTION sluice.add_seal(text, date, integer) IS 'Seals a day of a table of the ledger, or what came late to it.';

-- Listed is what a seal of calls of the same day lists: any other entry is none, or it would hide a call.
CREATE FUNCTION sluice.unsealed_late_calls(day_from date, day_until date)
RETURNS TABLE (user_id uuid, admitted_at timestamptz, call_id uuid)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
SELECT c.user_id, c.admitted_at, c.call_id FROM sluice.calls AS c
WHERE c.mode = 'unchecked' AND c.admitted_at >= day_from::timestamp AT TIME ZONE 'UTC'
    AND c.admitted_at < day_until::timestamp AT TIME ZONE 'UTC'
    AND NOT EXISTS (
        SELECT FROM sluice.seal_late_calls AS l JOIN sluice.seals AS s USING (seal_no)
        WHERE l.admitted_at = c.admitted_at AND l.user_id = c.user_id AND l.call_id = c.call_id
            AND s.ledger = 'calls' AND s.day = (c.admitted_at AT TIME ZONE 'UTC')::date)
$$;

COMMENT ON FUNCTION sluice.unsealed_late_calls(date, date) IS 'Unchecked calls of UTC days, the last one left out, that no seal has.';

-- The first day that has a row. Once there is a seal, nobody asks any more.
CREATE FUNCTION sluice.first_ledger_day() RETURNS date
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
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

-- Waits for whoever still adds rows of a day that is over, so that none appears after it was sealed. The lock goes at
-- once with the subtransaction: it is had when nobody writes, and holds up nobody but a replay, for a moment. A partition
-- that takes today's rows is left alone, since admissions would wait: there the grace alone counts.
CREATE FUNCTION sluice.await_writers(ledger text, day date) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms'
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

COMMENT ON FUNCTION sluice.await_writers(text, date) IS 'Returns when no transaction that added rows of a past UTC day is under way.';

CREATE FUNCTION sluice.seal_day(closed_after interval DEFAULT '26 hours', until date DEFAULT NULL)
RETURNS SETOF sluice.seals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 2
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
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

COMMENT ON FUNCTION sluice.seal_day(interval, date) IS 'Seals the next UTC day of the ledger that has been over for some time; when there is none, the unchecked calls that came late to a sealed one. until is the last day to seal. Returns the seals it made, none when there is nothing to seal. Fails with lock_not_available while somebody else seals.';

-- Days whose counts differ: counting takes only indexes, so that looking often costs little.
CREATE FUNCTION sluice.late_days() RETURNS TABLE (day date)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET jit = off
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

CREATE VIEW sluice.ledger_calls AS
SELECT c.user_id, c.admitted_at, c.call_id, c.weight, c.running_total, c.total_since, c.policy_id, c.mode, c.id_supplied,
    c.route, c.model, c.replica, c.key_id, c.logical_id, c.attempt, c.reserved_input, c.reserved_output, c.reserved_cost
FROM sluice.calls AS c;

CREATE VIEW sluice.ledger_settlements AS
SELECT s.user_id, s.settled_at, s.call_id, s.admitted_at, s.model, s.input_tokens, s.cached_tokens, s.cache_write_tokens,
    s.output_tokens, s.reasoning_tokens, s.cost_nanousd, s.price_id, s.basis, s.is_correction, s.status, s.duration_ms,
    s.replica, s.input_total, s.output_total, s.cost_total, s.total_since
FROM sluice.settlements AS s;

COMMENT ON VIEW sluice.ledger_calls IS 'The rows of sluice.calls as they are: one per call that was let through. Name a range of admitted_at, and only the partitions of those days are read.';
COMMENT ON VIEW sluice.ledger_settlements IS 'The rows of sluice.settlements as they are: what calls have taken. Name a range of settled_at, and only the partitions of those days are read.';

-- The columns of a row mean what they mean in the table.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT v.attname, v.attrelid::regclass AS view, col_description(t.attrelid, t.attnum) AS meaning
        FROM (VALUES ('ledger_calls', 'calls'), ('ledger_settlements', 'settlements')) AS p(view, ledger)
        JOIN pg_attribute AS v ON v.attrelid = ('sluice.' || p.view)::regclass AND v.attnum > 0
        JOIN pg_attribute AS t ON t.attrelid = ('sluice.' || p.ledger)::regclass AND t.attname = v.attname
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.view, c.attname,
            coalesce(c.meaning, 'As in the table.'));
    END LOOP;
END
$$;

CREATE VIEW sluice.seal_chain AS
SELECT encode(s.previous, 'hex') AS previous, s.seal_no, s.ledger, s.day, s.amendment, s.format, s.row_count,
    encode(s.digest, 'hex') AS digest, s.late_count, encode(s.late_digest, 'hex') AS late_digest, s.sealed_at,
    encode(s.chain, 'hex') AS chain
FROM sluice.seals AS s;

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

CREATE VIEW sluice.seal_parts AS
SELECT r.seal_no, r.is_late, r.ordinal, r.row_count, encode(r.digest, 'hex') AS digest,
    r.first_user, r.first_at, r.first_call, r.last_user, r.last_at, r.last_call
FROM sluice.seal_ranges AS r;

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

CREATE VIEW sluice.sealed_late_calls AS
SELECT l.seal_no, l.user_id, l.admitted_at, l.call_id FROM sluice.seal_late_calls AS l;

COMMENT ON VIEW sluice.sealed_late_calls IS 'Which unchecked calls each seal has.';
COMMENT ON COLUMN sluice.sealed_late_calls.seal_no IS 'The seal.';
COMMENT ON COLUMN sluice.sealed_late_calls.user_id IS 'With admitted_at and call_id the key of a row of ledger_calls.';
COMMENT ON COLUMN sluice.sealed_late_calls.admitted_at IS 'As in ledger_calls.';
COMMENT ON COLUMN sluice.sealed_late_calls.call_id IS 'As in ledger_calls.';

CREATE VIEW sluice.sealed_days AS
SELECT s.day, min(s.sealed_at) FILTER (WHERE s.amendment = 0) AS sealed_at,
    sum(s.row_count + s.late_count) FILTER (WHERE s.ledger = 'calls')::bigint AS calls,
    sum(s.late_count) FILTER (WHERE s.ledger = 'calls')::bigint AS unchecked,
    coalesce(sum(s.late_count) FILTER (WHERE s.ledger = 'calls' AND s.amendment > 0), 0)::bigint AS amended,
    max(s.amendment) AS amendments,
    sum(s.row_count) FILTER (WHERE s.ledger = 'settlements')::bigint AS settlements
FROM sluice.seals AS s
GROUP BY s.day;

COMMENT ON VIEW sluice.sealed_days IS 'The UTC days that are sealed, and what their seals hold.';
COMMENT ON COLUMN sluice.sealed_days.day IS 'The UTC day.';
COMMENT ON COLUMN sluice.sealed_days.sealed_at IS 'When the day was sealed; null where calls came late to a day before the first sealed one.';
COMMENT ON COLUMN sluice.sealed_days.calls IS 'Calls of the day, unchecked ones included.';
COMMENT ON COLUMN sluice.sealed_days.unchecked IS 'Those of them that were let through while the database could not decide.';
COMMENT ON COLUMN sluice.sealed_days.amended IS 'Those of them that came after the day was sealed.';
COMMENT ON COLUMN sluice.sealed_days.amendments IS 'In how many amendments.';
COMMENT ON COLUMN sluice.sealed_days.settlements IS 'Settlements of the day.';

-- Rows that have no seal are worth nothing to an auditor once they are gone, and what is not summed up is lost to reports.
-- Before the first row of the ledger there is nothing to seal. Asked for each partition: hence the cost, so that what is too
-- young is not asked about.
CREATE OR REPLACE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
LANGUAGE sql STABLE COST 10000
AS $$
SELECT CASE
    WHEN day_until - 1 <= (SELECT max(s.day) FROM sluice.seals AS s WHERE s.ledger = 'settlements' AND s.amendment = 0)
        THEN day_until <= (SELECT p.rolled_until FROM sluice.rollup_progress AS p)
            AND NOT EXISTS (SELECT FROM sluice.unsealed_late_calls(day_from, day_until))
    ELSE NOT EXISTS (SELECT FROM sluice.seals) AND day_until - 1 < coalesce(sluice.first_ledger_day(), 'infinity')
END
$$;

COMMENT ON FUNCTION sluice.may_retire(date, date) IS 'Whether retention may take the partitions of these days, from day_from up to but without day_until: they are summed up and sealed, and so is every call that came late.';

SELECT sluice.grant_privileges();
