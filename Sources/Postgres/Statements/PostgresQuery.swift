/// A statement with its values, written as one string: an interpolated value becomes a bound parameter.
///
/// ```swift
/// try await pool.query("SELECT weight FROM calls WHERE user_id = \(user)")
/// ```
/// Raw SQL goes in only by `\(unescaped: …)`, for constants of the program and never for input.
public struct PostgresQuery: Sendable {
    /// The text with `$1`, `$2`, … in it.
    public var sql: String
    /// Their values.
    public var parameters: PostgresParameters

    public init(_ sql: String, _ parameters: PostgresParameters = PostgresParameters()) {
        self.sql = sql
        self.parameters = parameters
    }
}

extension PostgresQuery: ExpressibleByStringInterpolation {
    public init(stringLiteral sql: String) {
        self.init(sql)
    }

    public init(stringInterpolation: StringInterpolation) {
        self.init(stringInterpolation.sql, stringInterpolation.parameters)
    }

    /// Collects text and values.
    public struct StringInterpolation: StringInterpolationProtocol {
        var sql = ""
        var parameters = PostgresParameters()

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { sql += literal }

        /// Binds a value as the next parameter.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            parameters.append(value)
            sql += "$\(parameters.count)"
        }

        /// Pastes SQL as it is. An injection, if any of it comes from input.
        public mutating func appendInterpolation(unescaped raw: String) { sql += raw }
    }
}
