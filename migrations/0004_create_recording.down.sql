-- Replicas keep what they let through in their journals as long as these functions are gone.
-- Locks: none that anybody waits for.

DROP FUNCTION sluice.check_ledger();
DROP FUNCTION sluice.record_unchecked(uuid[], uuid[], boolean[], bigint[], text[], text[], sluice.call_origin[], timestamptz[], timestamptz[], integer[], text);
DROP TYPE sluice.recording;
