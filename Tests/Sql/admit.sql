-- As app: what admit, peek, admit_user and admit_many answer.

DO $$
DECLARE
    someone CONSTANT uuid := gen_random_uuid();
    first sluice.decision;
    second sluice.decision;
    third sluice.decision;
    looked sluice.decision;
BEGIN
    looked := sluice.peek(someone, quota => 2);
    ASSERT looked.outcome = 'admitted' AND looked.used = '{0}', looked::text;
    first := sluice.admit(someone, quota => 2);
    second := sluice.admit(someone, quota => 2);
    third := sluice.admit(someone, quota => 2);
    ASSERT (first.outcome, second.outcome, third.outcome) = ('admitted', 'admitted', 'refused'), 'two of three';
    ASSERT (first.used, second.used, third.used) = ('{1}'::bigint[], '{2}'::bigint[], '{2}'::bigint[]), 'used';
    ASSERT first.decided_at < second.decided_at AND second.decided_at < third.decided_at, 'strictly increasing';
    ASSERT third.retry_at = first.decided_at + interval '1 hour', 'room when the oldest has left';
    ASSERT third.reset_at = ARRAY[third.retry_at], 'oldest leaves';
    -- Looking changes nothing.
    looked := sluice.peek(someone, quota => 2);
    ASSERT looked.outcome = 'refused' AND looked.retry_at = third.retry_at AND looked.used = '{2}', looked::text;
    ASSERT (sluice.admit(someone, quota => 3)).outcome = 'admitted', 'a refusal consumed something';
    ASSERT pg_temp.calls_of(someone) = 3, 'rows';
END
$$;

-- Weights, and what never fits.
DO $$
DECLARE
    someone CONSTANT uuid := gen_random_uuid();
BEGIN
    ASSERT (sluice.admit(someone, weight => 4, quota => 5)).outcome = 'admitted';
    ASSERT (sluice.admit(someone, weight => 2, quota => 5)).outcome = 'refused';
    ASSERT (sluice.admit(someone, weight => 1, quota => 5)).outcome = 'admitted';
    ASSERT (sluice.admit(someone, weight => 6, quota => 5)).outcome = 'never_fits';
    ASSERT (sluice.admit(someone, weight => 0, quota => 5)).outcome = 'refused', 'weight 0 is told what 1 would be';
    ASSERT (sluice.admit(someone, weight => 0, quota => 6)).outcome = 'admitted';
    ASSERT pg_temp.calls_of(someone) = 2, 'weight 0 leaves no row';
END
$$;

-- The same id again gets the first answer.
DO $$
DECLARE
    someone CONSTANT uuid := gen_random_uuid();
    id CONSTANT uuid := sluice.new_call_id();
    first sluice.decision;
    again sluice.decision;
BEGIN
    first := sluice.admit(someone, quota => 1, call_id => id);
    again := sluice.admit(someone, quota => 1, call_id => id);
    ASSERT again.outcome = 'replayed' AND again.call_id = id AND again.decided_at = first.decided_at, again::text;
    ASSERT pg_temp.calls_of(someone) = 1, 'rows';
    -- Of another user it is another call.
    ASSERT (sluice.admit(gen_random_uuid(), quota => 1, call_id => id)).outcome = 'admitted';
END
$$;

-- Several calls of one user: the lightest first, each told what it is told alone.
DO $$
DECLARE
    answers sluice.decision[];
BEGIN
    answers := pg_temp.admit_all(gen_random_uuid(), ARRAY[3, 1, 2], 3);
    ASSERT (SELECT array_agg(a.outcome ORDER BY a."position") FROM unnest(answers) AS a)
        = ARRAY['refused', 'admitted', 'admitted'], answers::text;
    ASSERT (SELECT count(DISTINCT a.decided_at) FROM unnest(answers) AS a WHERE a.outcome = 'admitted') = 2, 'one moment each';
END
$$;

-- Calls of many users, one row each, positions as they were asked.
DO $$
DECLARE
    a CONSTANT uuid := gen_random_uuid();
    b CONSTANT uuid := gen_random_uuid();
    outcomes text[];
BEGIN
    SELECT array_agg(m.outcome ORDER BY m."position") INTO outcomes
    FROM sluice.admit_many(ARRAY[a, b, a, a], (SELECT array_agg(sluice.new_call_id()) FROM generate_series(1, 4)),
        array_fill(false, ARRAY[4]), array_fill(1::bigint, ARRAY[4]), array_fill(NULL::text, ARRAY[4]),
        array_fill(NULL::text, ARRAY[4]), array_fill(NULL::sluice.call_origin, ARRAY[4]), ARRAY[2::bigint],
        ARRAY[3600000000], 1, 'sql') AS m;
    ASSERT outcomes = ARRAY['admitted', 'admitted', 'admitted', 'refused'], outcomes::text;
    ASSERT pg_temp.calls_of(a) = 2 AND pg_temp.calls_of(b) = 1, 'rows';
END
$$;

-- Two windows: all or nothing.
DO $$
DECLARE
    someone CONSTANT uuid := gen_random_uuid();
    answer sluice.decision;
BEGIN
    PERFORM pg_temp.admit_all(someone, ARRAY[1, 1], 2);
    answer := sluice.peek_user(someone, 1, ARRAY[2, 10], ARRAY[3600000000, 7200000000]);
    ASSERT answer.outcome = 'refused' AND answer.used = '{2,2}', answer::text;
    answer := sluice.peek_user(someone, 1, ARRAY[10, 2], ARRAY[3600000000, 7200000000]);
    ASSERT answer.outcome = 'refused', answer::text;
    answer := sluice.peek_user(someone, 1, ARRAY[3, 10], ARRAY[3600000000, 7200000000]);
    ASSERT answer.outcome = 'admitted', answer::text;
END
$$;

-- Arguments that are out of range.
SELECT pg_temp.expect_error(statement, '22023') FROM unnest(ARRAY[
    'SELECT sluice.admit(NULL)',
    'SELECT sluice.admit(gen_random_uuid(), weight => -1)',
    'SELECT sluice.admit(gen_random_uuid(), weight => 1000000001)',
    'SELECT sluice.admit(gen_random_uuid(), quota => -1)',
    'SELECT sluice.admit(gen_random_uuid(), period => ''0 seconds'')',
    'SELECT sluice.admit(gen_random_uuid(), period => ''400 days'')',
    'SELECT sluice.peek(gen_random_uuid(), weight => -1)',
    'SELECT sluice.peek_user(gen_random_uuid(), 1, ARRAY[1, 2], ARRAY[3600000000])',
    'SELECT sluice.ensure_partitions(NULL)',
    'SELECT sluice.ensure_partitions(current_date, 0)',
    'SELECT sluice.ensure_partitions(current_date, 1001)',
    'SELECT sluice.ensure_partitions(''1999-12-31'')',
    'SELECT sluice.cover_recent(''0 seconds'')',
    'SELECT sluice.expire_calls(''0 seconds'')'
]) AS statement;
