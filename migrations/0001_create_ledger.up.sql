-- The roles, the ledger of calls, and the clock that every decision reads.
-- Locks: none that anybody waits for; everything here is new.

-- Roles belong to the whole cluster, so they may be there already, and stay when the schema goes. Whoever migrates without
-- being allowed to make roles owns the schema himself; what a DBA then runs is printed by `sluice migrate roles`.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['sluice_owner', 'sluice_app', 'sluice_audit'] LOOP
        CONTINUE WHEN to_regrole(role) IS NOT NULL
            OR NOT (SELECT r.rolcreaterole OR r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- Another database of this cluster was quicker.
        END;
    END LOOP;
    IF to_regrole('sluice_owner') IS NOT NULL AND NOT pg_has_role(current_user, 'sluice_owner', 'USAGE') THEN
        BEGIN
            EXECUTE format('GRANT sluice_owner TO %I', current_user);
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END IF;
    -- From here on everything belongs to it: functions run with the rights of a role that owns nothing else.
    IF to_regrole('sluice_owner') IS NOT NULL AND pg_has_role(current_user, 'sluice_owner', 'USAGE') THEN
        ALTER SCHEMA sluice OWNER TO sluice_owner;
        ALTER TABLE sluice.migrations OWNER TO sluice_owner;
        SET LOCAL ROLE sluice_owner;
    END IF;
END
$$;

CREATE TYPE sluice.call_mode AS ENUM ('enforced', 'unchecked', 'shadow');

-- What only a gateway knows of a call. An application that calls the functions itself passes nulls.
CREATE TYPE sluice.call_origin AS (
    key_id          uuid,
    logical_id      uuid,
    attempt         smallint,
    reserved_input  bigint,
    reserved_output bigint,
    reserved_cost   bigint
);

COMMENT ON TYPE sluice.call_origin IS 'Where a call came from and what was set aside for it: the columns of the same names in sluice.calls.';

CREATE TABLE sluice.calls (
    user_id         uuid             NOT NULL,
    admitted_at     timestamptz      NOT NULL,
    call_id         uuid             NOT NULL,
    weight          bigint           NOT NULL,
    running_total   bigint,
    total_since     timestamptz,
    policy_id       integer          NOT NULL,
    mode            sluice.call_mode NOT NULL,
    id_supplied     boolean          NOT NULL,
    route           text,
    model           text,
    replica         text,
    key_id          uuid,
    logical_id      uuid,
    attempt         smallint,
    reserved_input  bigint,
    reserved_output bigint,
    reserved_cost   bigint,
    CONSTRAINT calls_pkey PRIMARY KEY (user_id, admitted_at, call_id) INCLUDE (weight, running_total, total_since),
    CONSTRAINT calls_weight_in_range CHECK (weight BETWEEN 1 AND 1000000000),
    CONSTRAINT calls_total_holds_weight CHECK (running_total >= weight),
    CONSTRAINT calls_unchecked_has_no_total CHECK ((mode = 'unchecked') = (running_total IS NULL)),
    CONSTRAINT calls_total_has_start CHECK ((running_total IS NULL) = (total_since IS NULL)),
    CONSTRAINT calls_attempt_in_range CHECK (attempt >= 0),
    CONSTRAINT calls_reservation_in_range CHECK (least(reserved_input, reserved_output, reserved_cost) >= 0
        AND greatest(reserved_input, reserved_output, reserved_cost) <= 1000000000000)
) PARTITION BY RANGE (admitted_at);

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

-- Normally empty: rows that carry no running total are counted by themselves. The second tells a whole batch that there
-- are none in its windows; the third finds one by its id. All hold the same rows, and say so in different words: each
-- statement asks in those of the index that it needs, so that no plan, made when the tables were empty, takes another one
-- and reads everybody's.
CREATE INDEX calls_unchecked ON sluice.calls (user_id, admitted_at) INCLUDE (weight) WHERE running_total IS NULL;
CREATE INDEX calls_unchecked_at ON sluice.calls (admitted_at) WHERE mode = 'unchecked';
CREATE INDEX calls_unchecked_id ON sluice.calls (user_id, call_id) WHERE total_since IS NULL;

-- A call id that the caller chose may come again; ids that Sluice makes are new by construction and stay out of it.
CREATE INDEX calls_supplied ON sluice.calls (user_id, call_id) WHERE id_supplied;

-- Calls that are open until they are settled or their lease ends, in the order in which their leases end.
CREATE INDEX calls_reserved ON sluice.calls (admitted_at) WHERE reserved_input IS NOT NULL;

CREATE FUNCTION sluice.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE restrict_violation USING
        MESSAGE = format('%s on sluice.%s is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME),
        HINT = 'Rows leave only with their whole partition; correct a mistake by adding to the ledger.';
END
$$;

-- For each row, so that every partition, also one to come, has it and stands on its own.
CREATE TRIGGER calls_append_only BEFORE UPDATE OR DELETE ON sluice.calls
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER calls_no_truncate BEFORE TRUNCATE ON sluice.calls
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

CREATE FUNCTION sluice.clock() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE
AS 'SELECT pg_catalog.clock_timestamp()';

COMMENT ON FUNCTION sluice.clock() IS 'The one clock of every decision, read after the user''s lock is held. now() is the start of the transaction, before the wait for the lock.';
