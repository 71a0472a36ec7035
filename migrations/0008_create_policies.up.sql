-- Policies and who they are for, with their whole history.
-- Locks: SHARE ROW EXCLUSIVE on prices and api_keys, for their new triggers: who writes to these two waits for a moment.
-- Admissions and settlements write to neither. Comments take SHARE UPDATE EXCLUSIVE, for which nobody waits.

-- For tables whose rows are ended and followed by another, never changed. Its arguments are columns: the first ends the row
-- and may be set once; the others may change.
CREATE FUNCTION sluice.refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
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

CREATE TYPE sluice.policy_mode AS ENUM ('enforce', 'shadow', 'off');
CREATE TYPE sluice.outage_behavior AS ENUM ('open', 'bounded', 'closed');
CREATE TYPE sluice.policy_resource AS ENUM ('requests', 'tokens', 'usd', 'concurrent');
CREATE TYPE sluice.calendar_unit AS ENUM ('hour', 'day', 'week', 'month');

CREATE TABLE sluice.policies (
    policy_id   integer                NOT NULL,
    valid_from  timestamptz            NOT NULL,
    valid_until timestamptz            NOT NULL DEFAULT 'infinity',
    name        text                   NOT NULL,
    mode        sluice.policy_mode     NOT NULL,
    on_outage   sluice.outage_behavior NOT NULL,
    changed_by  text                   NOT NULL DEFAULT session_user,
    replica     text,
    note        text,
    CONSTRAINT policies_pkey PRIMARY KEY (policy_id, valid_from),
    CONSTRAINT policies_id_in_range CHECK (policy_id > 0),
    CONSTRAINT policies_valid_for_a_time CHECK (valid_from < valid_until),
    CONSTRAINT policies_name_in_range CHECK (name ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT policies_note_in_range CHECK (length(note) BETWEEN 1 AND 1024)
);

CREATE UNIQUE INDEX policies_one_at_a_time ON sluice.policies (policy_id) WHERE valid_until = 'infinity';
CREATE UNIQUE INDEX policies_name_once ON sluice.policies (name) WHERE valid_until = 'infinity';

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
    policy_id  integer                NOT NULL,
    valid_from timestamptz            NOT NULL,
    "position" smallint               NOT NULL,
    name       text                   NOT NULL,
    resource   sluice.policy_resource NOT NULL,
    quota      bigint                 NOT NULL,
    length_us  bigint,
    calendar   sluice.calendar_unit,
    time_zone  text,
    CONSTRAINT policy_windows_pkey PRIMARY KEY (policy_id, valid_from, "position"),
    CONSTRAINT policy_windows_name_once UNIQUE (policy_id, valid_from, name),
    CONSTRAINT policy_windows_of_policy FOREIGN KEY (policy_id, valid_from) REFERENCES sluice.policies,
    CONSTRAINT policy_windows_position_in_range CHECK ("position" BETWEEN 1 AND 16),
    CONSTRAINT policy_windows_name_in_range CHECK (name ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT policy_windows_quota_in_range CHECK (quota BETWEEN 0 AND 1000000000000000),
    CONSTRAINT policy_windows_length_in_range CHECK (length_us BETWEEN 1 AND 31622400000000),
    CONSTRAINT policy_windows_have_one_extent CHECK (
        num_nonnulls(length_us, calendar) = CASE WHEN resource = 'concurrent' THEN 0 ELSE 1 END),
    CONSTRAINT policy_windows_calendar_has_zone CHECK ((calendar IS NULL) = (time_zone IS NULL)),
    CONSTRAINT policy_windows_zone_in_range CHECK (octet_length(time_zone) BETWEEN 1 AND 64)
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

CREATE TABLE sluice.assignments (
    assignment_id integer     NOT NULL GENERATED ALWAYS AS IDENTITY,
    user_id       uuid,
    role          text,
    policy_id     integer     NOT NULL,
    valid_from    timestamptz NOT NULL DEFAULT sluice.clock(),
    valid_until   timestamptz NOT NULL DEFAULT 'infinity',
    changed_by    text        NOT NULL DEFAULT session_user,
    note          text,
    CONSTRAINT assignments_pkey PRIMARY KEY (assignment_id),
    CONSTRAINT assignments_to_one CHECK (num_nonnulls(user_id, role) <= 1),
    CONSTRAINT assignments_role_known CHECK (role IN ('admin', 'operator', 'readonly', 'agent', 'service')),
    CONSTRAINT assignments_valid_for_a_time CHECK (valid_from < valid_until),
    CONSTRAINT assignments_note_in_range CHECK (length(note) BETWEEN 1 AND 1024)
);

CREATE UNIQUE INDEX assignments_one_at_a_time ON sluice.assignments (coalesce(user_id::text, role, ''))
WHERE valid_until = 'infinity';

COMMENT ON TABLE sluice.assignments IS 'Which policy is for whom. Not looked at in this release: policy 1 is for everybody.';
COMMENT ON COLUMN sluice.assignments.assignment_id IS 'Names the row.';
COMMENT ON COLUMN sluice.assignments.user_id IS 'For this user, before what is for the role or for everybody.';
COMMENT ON COLUMN sluice.assignments.role IS 'For users of this role. Neither this nor user_id: for everybody else.';
COMMENT ON COLUMN sluice.assignments.policy_id IS 'As in sluice.policies.';
COMMENT ON COLUMN sluice.assignments.valid_from IS 'From when on it is so.';
COMMENT ON COLUMN sluice.assignments.valid_until IS 'Until when, this moment excluded.';
COMMENT ON COLUMN sluice.assignments.changed_by IS 'The database role that added the row.';
COMMENT ON COLUMN sluice.assignments.note IS 'Why, in somebody''s words.';

CREATE TRIGGER policies_only_end BEFORE UPDATE ON sluice.policies
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('valid_until');
CREATE TRIGGER policies_no_delete BEFORE DELETE ON sluice.policies
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER policies_no_truncate BEFORE TRUNCATE ON sluice.policies
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER policy_windows_append_only BEFORE UPDATE OR DELETE ON sluice.policy_windows
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER policy_windows_no_truncate BEFORE TRUNCATE ON sluice.policy_windows
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER assignments_only_end BEFORE UPDATE ON sluice.assignments
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('valid_until');
CREATE TRIGGER assignments_no_delete BEFORE DELETE ON sluice.assignments
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER assignments_no_truncate BEFORE TRUNCATE ON sluice.assignments
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

-- The same for what was there before: costs in the ledger rest on prices, and calls name keys.
CREATE TRIGGER prices_only_end BEFORE UPDATE ON sluice.prices
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('valid_until');
CREATE TRIGGER prices_no_delete BEFORE DELETE ON sluice.prices
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER prices_no_truncate BEFORE TRUNCATE ON sluice.prices
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER api_keys_only_end BEFORE UPDATE ON sluice.api_keys
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_rewrite('revoked_at', 'last_used_at');

CREATE FUNCTION sluice.note_default_policy(
    mode text, on_outage text, names text[], limits bigint[], lengths bigint[], replica text DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
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

COMMENT ON FUNCTION sluice.note_default_policy(text, text, text[], bigint[], bigint[], text) IS 'Writes down what a replica''s configuration enforces as policy 1; true if that is not what was written down last. Lengths are in microseconds. Every replica says so when it starts.';

CREATE VIEW sluice.policy_history AS
SELECT p.policy_id, p.name, p.valid_from, p.valid_until, p.mode::text AS mode, p.on_outage::text AS on_outage,
    (
        SELECT string_agg(
            w.quota || ' ' || CASE w.resource WHEN 'usd' THEN 'nano-USD' WHEN 'concurrent' THEN 'calls at once'
                ELSE w.resource::text END
            || CASE WHEN w.calendar IS NOT NULL THEN ' each ' || w.calendar || ' of ' || w.time_zone
                WHEN w.length_us % 86400000000 = 0 THEN ' in any ' || w.length_us / 86400000000 || ' d'
                WHEN w.length_us % 3600000000 = 0 THEN ' in any ' || w.length_us / 3600000000 || ' h'
                WHEN w.length_us % 60000000 = 0 THEN ' in any ' || w.length_us / 60000000 || ' min'
                WHEN w.length_us % 1000000 = 0 THEN ' in any ' || w.length_us / 1000000 || ' s'
                WHEN w.length_us IS NOT NULL THEN ' in any ' || w.length_us || ' µs'
                ELSE '' END,
            ', ' ORDER BY w."position")
        FROM sluice.policy_windows AS w WHERE w.policy_id = p.policy_id AND w.valid_from = p.valid_from
    ) AS windows,
    p.changed_by, p.replica, p.note
FROM sluice.policies AS p;

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

-- What settlements were priced by, for who may not look into the table.
CREATE VIEW sluice.price_history AS
SELECT p.price_id, p.model, p.valid_from, p.valid_until, p.input, p.cached, p.cache_write, p.output
FROM sluice.prices AS p;

COMMENT ON VIEW sluice.price_history IS 'What models have cost when, in nano-USD per million tokens: $2.50 is 2500000000.';
COMMENT ON COLUMN sluice.price_history.price_id IS 'Names the price in sluice.settlements.';
COMMENT ON COLUMN sluice.price_history.model IS 'A model''s name, or the beginning of it with * after it.';
COMMENT ON COLUMN sluice.price_history.valid_from IS 'For calls admitted from this moment on.';
COMMENT ON COLUMN sluice.price_history.valid_until IS 'Until when, this moment excluded; infinity for the price of today.';
COMMENT ON COLUMN sluice.price_history.input IS 'Of the question.';
COMMENT ON COLUMN sluice.price_history.cached IS 'Of input that was read from the provider''s cache.';
COMMENT ON COLUMN sluice.price_history.cache_write IS 'Of input that was written to the provider''s cache.';
COMMENT ON COLUMN sluice.price_history.output IS 'Of the answer, those of reasoning included.';

-- What a DBA finds without a word so far.
COMMENT ON TABLE sluice.migrations IS 'The migrations that this database has taken.';
COMMENT ON COLUMN sluice.migrations.version IS 'Its number; they are taken in this order.';
COMMENT ON COLUMN sluice.migrations.name IS 'Its file''s name, without number and ending.';
COMMENT ON COLUMN sluice.migrations.checksum IS 'SHA-256 of its file, in hexadecimal.';
COMMENT ON COLUMN sluice.migrations.applied_at IS 'When it was taken.';
COMMENT ON COLUMN sluice.api_keys.key_id IS 'Names the key in sluice.calls; a UUID version 7.';
COMMENT ON COLUMN sluice.api_keys.name IS 'What its owner calls it.';
COMMENT ON COLUMN sluice.api_keys.role IS 'What it may do: admin, operator, readonly, agent or service.';
COMMENT ON COLUMN sluice.api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN sluice.api_keys.expires_at IS 'When it ends by itself; null: never.';
COMMENT ON COLUMN sluice.api_keys.revoked_at IS 'When it was ended for good.';
COMMENT ON COLUMN sluice.prices.price_id IS 'Names the price in sluice.settlements.';
COMMENT ON COLUMN sluice.prices.valid_from IS 'For calls admitted from this moment on.';
COMMENT ON COLUMN sluice.prices.valid_until IS 'Until when, this moment excluded; infinity for the price of today.';
COMMENT ON COLUMN sluice.prices.input IS 'Of the question, nano-USD per million tokens.';
COMMENT ON COLUMN sluice.prices.output IS 'Of the answer, those of reasoning included.';
COMMENT ON COLUMN sluice.settlements.user_id IS 'As in sluice.calls.';
COMMENT ON COLUMN sluice.settlements.call_id IS 'As in sluice.calls.';
COMMENT ON COLUMN sluice.settlements.price_id IS 'The price in sluice.prices that made cost_nanousd.';
COMMENT ON COLUMN sluice.settlements.duration_ms IS 'From the question to the end of the answer, in milliseconds.';
COMMENT ON COLUMN sluice.settlements.replica IS 'The replica that settled the call.';
COMMENT ON COLUMN sluice.refusals.user_id IS 'Who was refused.';
COMMENT ON COLUMN sluice.refusals.minute IS 'In which minute, by its beginning.';
COMMENT ON COLUMN sluice.refusals.policy_id IS 'The policy that refused; 1 is the default.';
COMMENT ON COLUMN sluice.refusals.refused IS 'How many calls.';
COMMENT ON COLUMN sluice.refusals.replica IS 'The replica that refused them.';
COMMENT ON COLUMN sluice.refusals.recorded_at IS 'When it was written down.';
COMMENT ON TABLE sluice.lease_progress IS 'How far the leases of calls have been looked through, by sluice.expire_calls. One row.';
COMMENT ON COLUMN sluice.lease_progress.is_one IS 'Sees to it that there is one row.';
COMMENT ON COLUMN sluice.lease_progress.settled_until IS 'Calls admitted up to here are settled.';
COMMENT ON COLUMN sluice.lease_progress.late_checked_at IS 'When calls that were recorded after an outage were looked through for the last time.';

SELECT sluice.grant_privileges();
