-- Drops the ledger with every row in it.
-- Locks: ACCESS EXCLUSIVE on sluice.calls; admissions wait, then fail.

DROP FUNCTION sluice.clock();
DROP TABLE sluice.calls;
DROP FUNCTION sluice.refuse_change();
DROP TYPE sluice.call_mode;
DROP TYPE sluice.call_origin;
