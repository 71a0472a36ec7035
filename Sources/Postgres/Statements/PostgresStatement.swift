/// One statement as a type: its text, how its values are bound, how its rows are read.
public protocol PostgresStatement: Sendable {
    associatedtype Row

    /// The text, with `$1`, `$2`, … for the values.
    static var sql: String { get }

    /// Appends the values in the order of their numbers.
    func bind(into parameters: inout PostgresParameters)

    /// Reads one row.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Row
}

extension PostgresStatement {
    /// The bound values.
    var parameters: PostgresParameters {
        var parameters = PostgresParameters()
        bind(into: &parameters)
        return parameters
    }
}
