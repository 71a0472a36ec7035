import Postgres

/// A price of the past: the one that was valid then, or a new one up to the first that is there. `sluice.set_price` prices
/// what is to come.
struct MakeFillPrice: PostgresStatement {
    let model: FillModel
    let price: FillModel.Price
    let firstDay: LedgerDay

    static let sql = """
        WITH wanted AS (
            SELECT $1::text AS model, ($2::date)::timestamp AT TIME ZONE 'UTC' AS valid_from
        ), made AS (
            INSERT INTO sluice.prices (model, valid_from, valid_until, input, cached, cache_write, output)
            SELECT w.model, w.valid_from, coalesce(
                (SELECT min(p.valid_from) FROM sluice.prices AS p WHERE p.model = w.model), 'infinity'), $3, $4, $5, $6
            FROM wanted AS w
            WHERE NOT EXISTS (SELECT FROM sluice.prices AS p WHERE p.model = w.model AND p.valid_from <= w.valid_from)
            RETURNING price_id, input, cached, cache_write, output
        )
        SELECT m.price_id, m.input, m.cached, m.cache_write, m.output FROM made AS m
        UNION ALL (
            SELECT p.price_id, p.input, p.cached, p.cache_write, p.output FROM sluice.prices AS p JOIN wanted AS w USING (model)
            WHERE p.valid_from <= w.valid_from ORDER BY p.valid_from DESC LIMIT 1)
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(model.name)
        parameters.append(firstDay.description)
        parameters.append(price.input)
        parameters.append(price.cached)
        parameters.append(price.cacheWrite)
        parameters.append(price.output)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> FillGenerator.Price {
        FillGenerator.Price(
            id: try row.decode(at: 0),
            price: FillModel.Price(
                input: try row.decode(at: 1), cached: try row.decode(at: 2), cacheWrite: try row.decode(at: 3),
                output: try row.decode(at: 4)))
    }
}
