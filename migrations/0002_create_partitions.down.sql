-- Partitions that exist stay, with their rows; only the way to make more goes.
-- Locks: none that anybody waits for.

DROP FUNCTION sluice.ensure_partitions(date, integer);
DROP FUNCTION sluice.partition_name(date, text);
