-- Every function that was released, called as a program of that release does: by the names and with the defaults that it
-- knows, its columns by name. A test runs this after the newest step, statement by statement, as a member of sluice_app unless
-- the line before says otherwise. Empty lines separate statements. Once released, a statement is not edited: add another.

SELECT sluice.ensure_partitions(first_day => current_date - 1);

SELECT sluice.ensure_partitions(DATE '2020-01-01', 2);

SELECT sluice.partition_name('2020-01-01'), sluice.partition_name(day => '2020-01-01', parent => 'settlements');

SELECT sluice.partition_of(day => '2020-01-01', wanted_parent => 'calls');

-- as auditor
SELECT parent, partition, starts_at, ends_at, is_leaving FROM sluice.partition_bounds();

-- as auditor
SELECT parent, partition, starts_at, ends_at, is_leaving FROM sluice.partition_bounds('calls');

SELECT sluice.ensure_ahead(unit => 'day', ahead_days => 2);

SELECT sluice.cover_recent();

SELECT sluice.cover_recent(longest => '1 hour');

SELECT sluice.check_ledger();

SELECT version, name, checksum, applied_at FROM sluice.schema_versions();

SELECT sluice.clock(), sluice.lock_key('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10'), sluice.microseconds(length => '1 hour');

SELECT sluice.time_of(sluice.new_call_id());

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.admit('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10');

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.admit(user_id => '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', weight => 1, quota => 5, period => '1 hour',
    call_id => '019e0000-0000-7000-8000-000000000001', route => '/v1/triage', model => 'a-model');

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.peek('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10');

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.peek(user_id => '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', weight => 1, quota => 5, period => '1 hour');

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.peek_user('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', 1, ARRAY[5, 10], ARRAY[3600000000, 7200000000]);

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM unnest(sluice.admit_user(user_id => '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', call_ids => ARRAY[sluice.new_call_id()],
    supplied => ARRAY[false], weights => ARRAY[1::bigint], routes => ARRAY[NULL::text], models => ARRAY[NULL::text],
    origins => ARRAY[NULL::sluice.call_origin], limits => ARRAY[5::bigint], lengths => ARRAY[3600000000],
    policy_id => 1, replica => 'released'));

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM unnest(sluice.admit_user('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', ARRAY[sluice.new_call_id()], ARRAY[false],
    ARRAY[1::bigint], ARRAY[NULL::text], ARRAY[NULL::text],
    ARRAY[ROW(NULL, NULL, 0, 100, 200, NULL)::sluice.call_origin], ARRAY[5::bigint], ARRAY[3600000000], 1, 'released', false));

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.admit_many(ARRAY['5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a11']::uuid[],
    ARRAY[sluice.new_call_id(), sluice.new_call_id()], ARRAY[false, false], ARRAY[1::bigint, 1], ARRAY['/a', NULL],
    ARRAY[NULL, 'a-model'], ARRAY[NULL, NULL]::sluice.call_origin[], ARRAY[5::bigint], ARRAY[3600000000], 1, 'released');

SELECT "position", call_id, outcome, decided_at, retry_at, used, reset_at
FROM sluice.admit_one('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', sluice.new_call_id(), false, 1, NULL, NULL, NULL,
    ARRAY[5::bigint], ARRAY[3600000000], 1, 'released');

SELECT positions, outcome, decided_at, retry_at, used, reset_at
FROM sluice.admit_batch(ARRAY['5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a11']::uuid[],
    ARRAY[sluice.new_call_id(), sluice.new_call_id()], NULL, ARRAY[1::bigint, 1], ARRAY['/a', NULL], NULL, NULL, ARRAY[5::bigint],
    ARRAY[3600000000], 1, 'released');

SELECT "position", outcome
FROM sluice.record_unchecked(ARRAY['5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10']::uuid[], ARRAY[sluice.new_call_id()],
    ARRAY[false], ARRAY[1::bigint], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY[NULL::sluice.call_origin],
    ARRAY[clock_timestamp()], ARRAY[NULL::timestamptz], ARRAY[1], 'released');

SELECT "position", outcome, cost
FROM sluice.settle_many(ARRAY['5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10']::uuid[],
    ARRAY['019e0000-0000-7000-8000-000000000001']::uuid[], ARRAY[NULL::timestamptz], ARRAY['a-model'], ARRAY[100::bigint],
    ARRAY[10::bigint], ARRAY[0::bigint], ARRAY[50::bigint], ARRAY[5::bigint], ARRAY['measured'], ARRAY[200::smallint],
    ARRAY[1234::bigint], 'released');

SELECT sluice.expire_calls('15 minutes');

SELECT sluice.expire_calls(lease => '15 minutes', at_most => 10, replica => 'released');

SELECT calls, unchecked, last_unchecked_at, refusal_minutes, refusal_counts
FROM sluice.user_facts('5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10');

SELECT sluice.record_refusals(ARRAY['5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10']::uuid[], ARRAY[1],
    ARRAY[date_trunc('minute', clock_timestamp())], ARRAY[3::bigint], 'released');

SELECT sluice.set_price('a-model', 2500000000);

SELECT sluice.set_price(model => 'a-model', input => 2500000000, cached => 1250000000, cache_write => 2500000000,
    output => 10000000000);

SELECT price_id, model, input, cached, cache_write, output, valid_from FROM sluice.current_prices();

SELECT key_id, prefix, name, user_id, role, created_at, expires_at, revoked_at, last_used_at
FROM sluice.create_key(digest => sha256('a key of the tests'), prefix => 'sk-sluice-aaaa', name => 'released',
    user_id => '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', role => 'operator');

SELECT key_id, prefix, name, user_id, role, created_at, expires_at, revoked_at, last_used_at
FROM sluice.create_key(sha256('another key'), 'sk-sluice-bbbb', 'released', '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', 'admin',
    '30 days');

SELECT key_id, prefix, name, user_id, role, created_at, expires_at, revoked_at, last_used_at
FROM sluice.find_key(digest => sha256('a key of the tests'));

SELECT key_id, prefix, name, user_id, role, created_at, expires_at, revoked_at, last_used_at
FROM sluice.list_keys();

SELECT key_id, prefix, name, user_id, role, created_at, expires_at, revoked_at, last_used_at
FROM sluice.list_keys(user_id => '5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10', before => NULL, at_most => 10);

SELECT sluice.note_key_uses(key_ids => (SELECT array_agg(key_id) FROM sluice.list_keys(at_most => 1)),
    used_ats => ARRAY[clock_timestamp()]);

SELECT key_id, prefix, name, user_id, role, created_at, expires_at, revoked_at, last_used_at
FROM sluice.revoke_key(key_id => (SELECT key_id FROM sluice.find_key(sha256('a key of the tests'))));

SELECT sluice.note_default_policy('enforce', 'open', ARRAY['default'], ARRAY[20::bigint], ARRAY[3600000000]);

SELECT sluice.note_default_policy(mode => 'enforce', on_outage => 'open', names => ARRAY['default'],
    limits => ARRAY[30::bigint], lengths => ARRAY[3600000000], replica => 'released');

SELECT parent, partition, starts_at, ends_at, state, rows_estimated, table_bytes, index_bytes, may_retire
FROM sluice.list_partitions();

SELECT days_back, days_ahead, partitions, bytes, unfinished FROM sluice.partition_summary();

SELECT sluice.expired_partitions(keep_days => 400);

SELECT sluice.expired_partitions(400, at_most => 10);

SELECT sluice.roll_up();

SELECT sluice.roll_up(at_most => 2, grace => '2 hours', late_every => '5 minutes');

SELECT seal_no, ledger, day, amendment, format, row_count, digest, late_count, late_digest, sealed_at, previous, chain
FROM sluice.seal_day();

SELECT seal_no, ledger, day, amendment, format, row_count, digest, late_count, late_digest, sealed_at, previous, chain
FROM sluice.seal_day(closed_after => '26 hours', until => current_date - 2);

SELECT sluice.retire_partition('calls_20200101', 400, 'drop');

SELECT sluice.retire_partition(name => 'calls_20200102', keep_days => 400, action => 'export');

SELECT retirement_id, parent, partition, kept_as FROM sluice.pending_exports();

SELECT user_id, admitted_at, call_id, weight, mode, policy_id
FROM sluice.read_export((SELECT kept_as FROM sluice.pending_exports() LIMIT 1), NULL::sluice.calls);

SELECT sluice.drop_exported(name => (SELECT kept_as FROM sluice.pending_exports() LIMIT 1), row_count => 0);

SELECT sluice.resume_retirement();
