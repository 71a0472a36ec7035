-- The functions go, the ledger stays. Partitions that sluice.recent named are free to go after this.
-- Locks: none that anybody waits for; admissions fail from here on.

DROP FUNCTION sluice.peek(uuid, bigint, bigint, interval);
DROP FUNCTION sluice.admit(uuid, bigint, bigint, interval, uuid, text, text);
DROP FUNCTION sluice.microseconds(interval);
DROP FUNCTION sluice.peek_user(uuid, bigint, bigint[], bigint[]);
DROP FUNCTION sluice.admit_many(uuid[], uuid[], boolean[], bigint[], text[], text[], bigint[], bigint[], integer, text);
DROP FUNCTION sluice.admit_user(uuid, uuid[], boolean[], bigint[], text[], text[], bigint[], bigint[], integer, text, boolean);
DROP FUNCTION sluice.users_with_known_ids(timestamptz, uuid[], uuid[], boolean[], bigint[]);
DROP FUNCTION sluice.replay(uuid, uuid, timestamptz, bigint[], bigint[]);
DROP FUNCTION sluice.ensure_today(timestamptz);
DROP FUNCTION sluice.check_calls(uuid[], boolean[], bigint[], text[], text[]);
DROP FUNCTION sluice.check_isolation();
DROP FUNCTION sluice.check_windows(bigint[], bigint[]);
DROP FUNCTION sluice.retry_at(uuid, sluice.window_state, bigint[], bigint[], bigint, timestamptz[], bigint[]);
DROP FUNCTION sluice.window_state(uuid, timestamptz, bigint[]);
DROP FUNCTION sluice.is_recent(timestamptz, bigint[]);
DROP FUNCTION sluice.decide_each_anywhere(timestamptz, uuid[], uuid[], boolean[], bigint[], text[], text[], bigint, bigint, integer, text);
DROP FUNCTION sluice.decide_each_recent(timestamptz, uuid[], uuid[], boolean[], bigint[], text[], text[], bigint, bigint, integer, text);
DROP FUNCTION sluice.decide_anywhere(timestamptz, uuid[], uuid[], boolean[], bigint[], text[], text[], bigint[], bigint[], integer, text);
DROP FUNCTION sluice.decide_recent(timestamptz, uuid[], uuid[], boolean[], bigint[], text[], text[], bigint[], bigint[], integer, text);
DROP FUNCTION sluice.window_state_anywhere(uuid, timestamptz, bigint[]);
DROP FUNCTION sluice.window_state_recent(uuid, timestamptz, bigint[]);
DROP FUNCTION sluice.weight_left_at(uuid, timestamptz, bigint);
DROP FUNCTION sluice.total_reached_at(uuid, timestamptz, timestamptz, bigint);
DROP FUNCTION sluice.cover_recent(interval);
DROP FUNCTION sluice.recent_reach();
DROP FUNCTION sluice.recent_until();
DROP FUNCTION sluice.recent_from();
DROP VIEW sluice.recent;
DROP FUNCTION sluice.new_call_id();
DROP FUNCTION sluice.lock_key(uuid);
DROP TYPE sluice.window_state;
DROP TYPE sluice.decision;
