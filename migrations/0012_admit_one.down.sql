-- Replicas ask admit_user again.
-- Locks: none that anybody waits for.

DROP FUNCTION sluice.admit_one(uuid, uuid, boolean, bigint, text, text, sluice.call_origin, bigint[], bigint[], integer, text);
