-- As app: what settle_many and record_unchecked answer, and what calls cost.

CREATE FUNCTION pg_temp.settle(user_id uuid, call_id uuid, admitted_at timestamptz, model text, input bigint, cached bigint,
    output bigint, basis text) RETURNS sluice.settling
LANGUAGE sql
AS $$
    SELECT s FROM sluice.settle_many(ARRAY[user_id], ARRAY[call_id], ARRAY[admitted_at], ARRAY[model], ARRAY[input],
        ARRAY[cached], ARRAY[0::bigint], ARRAY[output], ARRAY[0::bigint], ARRAY[basis], ARRAY[200::smallint], ARRAY[5::bigint],
        'sql') AS s
$$;

CREATE FUNCTION pg_temp.record(user_id uuid, call_id uuid, admitted_at timestamptz) RETURNS text
LANGUAGE sql
AS $$
    SELECT r.outcome FROM sluice.record_unchecked(ARRAY[user_id], ARRAY[call_id], ARRAY[true], ARRAY[1::bigint],
        ARRAY[NULL::text], ARRAY[NULL::text], ARRAY[NULL::sluice.call_origin], ARRAY[admitted_at], ARRAY[NULL::timestamptz],
        ARRAY[1], 'sql') AS r
$$;

-- Nano-USD per million tokens. The price must be valid when the call is admitted.
SELECT sluice.set_price('sql-model*', input => 2500000000, cached => 1250000000, output => 10000000000);

DO $$
DECLARE
    someone CONSTANT uuid := gen_random_uuid();
    call sluice.decision;
    answer sluice.settling;
BEGIN
    call := sluice.admit(someone, quota => 10, model => 'sql-model-1');
    answer := pg_temp.settle(someone, call.call_id, call.decided_at, 'sql-model-1', 1000, 400, 200, 'measured');
    -- 600 * 2500 + 400 * 1250 + 200 * 10000
    ASSERT answer.outcome = 'settled' AND answer.cost = 4000000, answer::text;
    answer := pg_temp.settle(someone, call.call_id, call.decided_at, 'sql-model-1', 1000, 400, 200, 'measured');
    ASSERT answer.outcome = 'known', answer::text;
    -- A rougher word does not change a better one; a better one corrects a rougher.
    answer := pg_temp.settle(someone, call.call_id, call.decided_at, 'sql-model-1', 1, 0, 1, 'estimated');
    ASSERT answer.outcome = 'known', answer::text;
    call := sluice.admit(someone, quota => 10, model => 'sql-model-1');
    answer := pg_temp.settle(someone, call.call_id, call.decided_at, 'sql-model-1', 100, 0, 0, 'reported');
    ASSERT answer.outcome = 'settled' AND answer.cost = 250000, answer::text;
    answer := pg_temp.settle(someone, call.call_id, call.decided_at, 'sql-model-1', 200, 0, 0, 'measured');
    ASSERT answer.outcome = 'corrected' AND answer.cost = 500000, answer::text;
    -- Without admitted_at the call is looked for.
    call := sluice.admit(someone, quota => 10, model => 'unpriced');
    answer := pg_temp.settle(someone, call.call_id, NULL, 'unpriced', 1, 0, 1, 'measured');
    ASSERT answer.outcome = 'settled' AND answer.cost IS NULL, answer::text;
    answer := pg_temp.settle(someone, sluice.new_call_id(), NULL, 'unpriced', 1, 0, 1, 'measured');
    ASSERT answer.outcome = 'no_call', answer::text;
END
$$;

-- A call that went through without the ledger's word: one row, however often it is told, and it counts.
DO $$
DECLARE
    someone CONSTANT uuid := gen_random_uuid();
    id CONSTANT uuid := sluice.new_call_id();
    at CONSTANT timestamptz := clock_timestamp() - interval '1 minute';
BEGIN
    ASSERT pg_temp.record(someone, id, at) = 'recorded';
    ASSERT pg_temp.record(someone, id, at) = 'known';
    ASSERT (sluice.admit(someone, quota => 1, call_id => id)).outcome = 'replayed', 'its question comes late';
    ASSERT (sluice.admit(someone, quota => 1)).outcome = 'refused', 'it counts';
    ASSERT pg_temp.calls_of(someone) = 1, 'rows';
END
$$;

SELECT pg_temp.expect_error(statement, '22023') FROM unnest(ARRAY[
    'SELECT pg_temp.settle(gen_random_uuid(), sluice.new_call_id(), now(), NULL, -1, 0, 0, ''measured'')',
    'SELECT pg_temp.settle(NULL, sluice.new_call_id(), now(), NULL, 1, 0, 0, ''measured'')',
    'SELECT pg_temp.settle(gen_random_uuid(), sluice.new_call_id(), now(), NULL, 1, 0, 0, NULL)',
    'SELECT pg_temp.record(NULL, sluice.new_call_id(), now())'
]) AS statement;
