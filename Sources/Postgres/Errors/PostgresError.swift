/// Why something asked of PostgreSQL did not come back with an answer.
///
/// `description` is bland: a code and nothing that a row, a statement or a secret could leak into. `debugDescription`
/// adds the server's own words and the SQL text; bound values are in neither.
public struct PostgresError: Error, Sendable {
    /// What happened, to decide by.
    public let code: Code
    /// The server's SQLSTATE, also when a connection attempt was refused with one.
    public let sqlState: SQLState?
    /// Our own words: constant text, no values.
    public let message: String
    /// The server's words, when it spoke.
    public internal(set) var server: PostgresServerMessage?
    /// The client library's words, cleaned of the password.
    public internal(set) var detail: String?
    /// The statement may have committed: it was sent and no final answer came.
    public internal(set) var isOutcomeUnknown: Bool
    /// The SQL text, never the values bound to it.
    public internal(set) var sql: String?
    /// Where it was called from.
    public internal(set) var location: SourceLocation?

    init(
        _ code: Code, _ message: String, sqlState: SQLState? = nil, detail: String? = nil,
        isOutcomeUnknown: Bool = false
    ) {
        self.code = code
        self.message = message
        self.sqlState = code.state ?? sqlState
        self.detail = detail
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// An answer of the server that is an error. After a fatal one nobody can tell whether it committed.
    init(server: PostgresServerMessage) {
        self.init(.server(server.state), "the server reported an error", isOutcomeUnknown: server.endsSession)
        self.server = server
    }

    func at(_ location: SourceLocation, sql: String? = nil) -> PostgresError {
        var copy = self
        copy.location = copy.location ?? location
        copy.sql = copy.sql ?? sql
        return copy
    }
}

extension PostgresError {
    /// A line of source.
    public struct SourceLocation: Sendable, CustomStringConvertible {
        public let file: StaticString
        public let line: UInt

        public init(_ file: StaticString = #fileID, _ line: UInt = #line) {
            self.file = file
            self.line = line
        }

        public var description: String { "\(file):\(line)" }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        let state = if case .server = code.base { "" } else { sqlState.map { " (SQLSTATE \($0))" } ?? "" }
        return "\(code): \(message)\(state)"
    }

    public var debugDescription: String {
        var lines = [description]
        if let server {
            lines.append("\(server.severity): \(server.message)")
            let fields = [
                ("detail", server.detail), ("hint", server.hint), ("context", server.context),
                ("schema", server.schema), ("table", server.table), ("column", server.column),
                ("constraint", server.constraint), ("position", server.position.map(String.init)),
            ]
            lines += fields.compactMap { name, value in value.map { "\(name): \($0)" } }
        }
        if let detail { lines.append(detail) }
        if isOutcomeUnknown { lines.append("it may have committed") }
        if let sql { lines.append("sql: \(sql)") }
        if let location { lines.append("at \(location)") }
        return lines.joined(separator: "\n")
    }
}
