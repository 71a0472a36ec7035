-- Drops the seals. Days are sealed anew after the next up, as they are then: keep an export of the chain.
-- Locks: ACCESS EXCLUSIVE on the seals alone; nobody else reads them.

CREATE OR REPLACE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
LANGUAGE sql STABLE COST 100
AS 'SELECT true';

COMMENT ON FUNCTION sluice.may_retire(date, date) IS 'Whether retention may take the partitions of these days, from day_from up to but without day_until.';

DROP VIEW sluice.sealed_days;
DROP VIEW sluice.sealed_late_calls;
DROP VIEW sluice.seal_parts;
DROP VIEW sluice.seal_chain;
DROP VIEW sluice.ledger_settlements;
DROP VIEW sluice.ledger_calls;
DROP FUNCTION sluice.seal_day(interval, date);
DROP FUNCTION sluice.late_days();
DROP FUNCTION sluice.await_writers(text, date);
DROP FUNCTION sluice.first_ledger_day();
DROP FUNCTION sluice.add_seal(text, date, integer);
DROP FUNCTION sluice.unsealed_late_calls(date, date);
DROP FUNCTION sluice.seal_line(sluice.seals);
DROP FUNCTION sluice.seal_part(bigint, text, date, boolean);
DROP FUNCTION sluice.settlement_line(sluice.settlements);
DROP FUNCTION sluice.call_line(sluice.calls);
DROP FUNCTION sluice.copy_text(text);
DROP TABLE sluice.seal_late_calls;
DROP TABLE sluice.seal_ranges;
DROP TABLE sluice.seals;
