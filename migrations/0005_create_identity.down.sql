-- API keys are lost for good: their owners need new ones afterwards.
-- Locks: ACCESS EXCLUSIVE on sluice.api_keys; replicas refuse unknown keys, and let known ones in for their grace.

DROP FUNCTION sluice.note_key_uses(uuid[], timestamptz[]);
DROP FUNCTION sluice.revoke_key(uuid);
DROP FUNCTION sluice.list_keys(uuid, uuid, integer);
DROP FUNCTION sluice.create_key(bytea, text, text, uuid, text, interval);
DROP FUNCTION sluice.find_key(bytea);
DROP TYPE sluice.api_key;
DROP TABLE sluice.api_keys;
