import Postgres
import SluiceCore

/// Sets what a model costs from now on.
struct SetPrice: PostgresStatement {
    let price: NewPrice

    static let sql = "SELECT sluice.set_price($1, $2, $3, $4, $5)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(price.model)
        parameters.append(price.input)
        parameters.append(price.cached)
        parameters.append(price.cacheWrite)
        parameters.append(price.output)
    }

    /// The price's id.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int32 { try row.decode(at: 0) }
}
