-- For the other files of this folder: run it before them, in the same session.
--   psql -v ON_ERROR_STOP=1 -f Tests/Sql/support.sql -f Tests/Sql/admit.sql

-- Runs a statement that must fail with this SQLSTATE.
CREATE FUNCTION pg_temp.expect_error(statement text, state text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        ASSERT SQLSTATE = state, format('%s: %s instead of %s: %s', SQLSTATE, SQLERRM, state, statement);
        RETURN;
    END;
    ASSERT false, format('no error instead of %s: %s', state, statement);
END
$$;

-- A call without anything but its weight, under one window.
CREATE FUNCTION pg_temp.admit_all(user_id uuid, weights bigint[], quota bigint) RETURNS sluice.decision[]
LANGUAGE sql
AS $$
    SELECT sluice.admit_user(user_id, (SELECT array_agg(sluice.new_call_id()) FROM unnest(weights)),
        array_fill(false, ARRAY[cardinality(weights)]), weights, array_fill(NULL::text, ARRAY[cardinality(weights)]),
        array_fill(NULL::text, ARRAY[cardinality(weights)]),
        array_fill(NULL::sluice.call_origin, ARRAY[cardinality(weights)]), ARRAY[quota], ARRAY[3600000000], 1, 'sql')
$$;

CREATE FUNCTION pg_temp.calls_of(someone uuid) RETURNS bigint
LANGUAGE sql
AS 'SELECT f.calls FROM sluice.user_facts(someone) AS f';
