import Postgres
import SluiceCore

/// The prices of this moment.
struct CurrentPrices: PostgresStatement {
    static let sql = """
        SELECT p.price_id, p.model, p.input, p.cached, p.cache_write, p.output FROM sluice.current_prices() AS p
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> ModelPrice {
        ModelPrice(
            id: try row.decode(at: 0), model: try row.decode(at: 1), input: try row.decode(at: 2),
            cached: try row.decode(at: 3), cacheWrite: try row.decode(at: 4), output: try row.decode(at: 5))
    }
}
