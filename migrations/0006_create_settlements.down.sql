-- What calls have cost is lost for good; the calls themselves stay.
-- Locks: ACCESS EXCLUSIVE on the dropped tables; replicas keep settlements in their journals as long as they are gone.

DROP FUNCTION sluice.user_facts(uuid);
DROP FUNCTION sluice.record_refusals(uuid[], integer[], timestamptz[], bigint[], text);
DROP FUNCTION sluice.expire_calls(interval, integer, text);
DROP FUNCTION sluice.settle_many(uuid[], uuid[], timestamptz[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], smallint[], bigint[], text);
DROP TYPE sluice.settling;
DROP FUNCTION sluice.weight_of_basis(sluice.settlement_basis);
DROP FUNCTION sluice.admission_of(uuid, uuid, timestamptz);
DROP FUNCTION sluice.time_of(uuid);
DROP FUNCTION sluice.set_price(text, bigint, bigint, bigint, bigint);
DROP FUNCTION sluice.current_prices();
DROP TYPE sluice.price_row;
DROP TABLE sluice.lease_progress;
DROP TABLE sluice.refusals;
DROP TABLE sluice.settlements;
DROP TYPE sluice.settlement_basis;
DROP TABLE sluice.prices;
