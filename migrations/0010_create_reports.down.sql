-- Sums of days whose rows retention has dropped are lost for good; the others can be made again.
-- Locks: ACCESS EXCLUSIVE on what is dropped, which only reports use.

DROP FUNCTION sluice.roll_up(integer, interval, interval);
DROP FUNCTION sluice.roll_late(date);
DROP FUNCTION sluice.roll_day(date);
DROP FUNCTION sluice.carry_spend(date, smallint, integer);
DROP VIEW sluice.key_list;
DROP VIEW sluice.reconciliation;
DROP VIEW sluice.refusals_by_hour;
DROP VIEW sluice.refusals_by_minute;
DROP VIEW sluice.summed_days;
DROP VIEW sluice.ledger_days;
DROP VIEW sluice.calls_unsettled;
DROP VIEW sluice.outages;
DROP VIEW sluice.call_origins;
DROP VIEW sluice.calls_unchecked;
ALTER INDEX sluice.calls_unchecked_user RENAME TO calls_unchecked;
DROP VIEW sluice.top_spenders;
DROP VIEW sluice.spend_by_model;
DROP VIEW sluice.spend_monthly;
DROP VIEW sluice.spend_daily;
DROP VIEW sluice.spend_open;
DROP FUNCTION sluice.define_spend_open(date);
DROP VIEW sluice.spend_rows;
DROP TABLE sluice.rollup_progress;
DROP TABLE sluice.rolled_days;
DROP TABLE sluice.daily_model_spend;
DROP TABLE sluice.monthly_spend;
DROP TABLE sluice.daily_spend;
