-- As superuser: rows of the ledger neither change nor go, whoever asks, in a table or straight in a partition.

SELECT sluice.ensure_partitions(current_date);
SELECT sluice.admit('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10');

-- Whatever PostgreSQL calls a trigger on a table that has no rows, so that the statement would not reach it.
DO $$
DECLARE
    target record;
    statement text;
    found integer := 0;
BEGIN
    FOR target IN
        SELECT c.oid::regclass::text AS name, coalesce(p.inhparent, c.oid) AS parent FROM pg_class AS c
        LEFT JOIN pg_inherits AS p ON p.inhrelid = c.oid
        WHERE coalesce(p.inhparent, c.oid) IN ('sluice.calls'::regclass, 'sluice.settlements'::regclass)
    LOOP
        found := found + 1;
        ASSERT (SELECT count(*) = 3 FROM (
            -- BEFORE, FOR EACH ROW, DELETE, UPDATE, TRUNCATE in pg_trigger.tgtype.
            SELECT t.tgtype & 59 AS type FROM pg_trigger AS t
            WHERE t.tgrelid = target.name::regclass AND t.tgfoid = 'sluice.refuse_change'::regproc AND t.tgenabled = 'O'
        ) AS t CROSS JOIN unnest(ARRAY[3 | 8, 3 | 16, 2 | 32]) AS wanted WHERE t.type & wanted = wanted),
            format('%s lacks a trigger', target.name);
    END LOOP;
    ASSERT found > 2, 'no partitions';
    FOREACH statement IN ARRAY ARRAY['sluice.calls', 'sluice.calls_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')] LOOP
        PERFORM pg_temp.expect_error(format('UPDATE %s SET weight = weight', statement), '23001');
        PERFORM pg_temp.expect_error(format('DELETE FROM %s', statement), '23001');
        PERFORM pg_temp.expect_error(format('TRUNCATE %s', statement), '23001');
    END LOOP;
    SET LOCAL ROLE sluice_owner;
    PERFORM pg_temp.expect_error('UPDATE sluice.calls SET user_id = user_id', '23001');
    PERFORM pg_temp.expect_error('DELETE FROM sluice.calls', '23001');
    PERFORM pg_temp.expect_error('TRUNCATE sluice.calls, sluice.settlements', '23001');
    PERFORM pg_temp.expect_error('TRUNCATE sluice.settlements', '23001');
    PERFORM pg_temp.expect_error(
        'INSERT INTO sluice.calls SELECT c.* FROM sluice.calls AS c ON CONFLICT (user_id, admitted_at, call_id) DO UPDATE SET weight = 2',
        '23001');
    ASSERT (SELECT count(*) FROM sluice.calls) = 1, 'rows';
END
$$;
