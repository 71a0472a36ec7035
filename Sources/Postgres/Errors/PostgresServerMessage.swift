/// What a server says about an error or a notice, field by field.
///
/// `message` and `detail` may quote values of rows: they belong into a debug description, never into a log line.
public struct PostgresServerMessage: Hashable, Sendable {
    /// `ERROR`, `FATAL`, `PANIC`, or a notice's severity; never localised.
    public var severity: String
    public var state: SQLState
    public var message: String
    public var detail: String?
    public var hint: String?
    /// The call stack of functions in which it happened (`CONTEXT`).
    public var context: String?
    public var schema: String?
    public var table: String?
    public var column: String?
    public var constraint: String?
    /// Where in the SQL text, in characters from 1.
    public var position: Int?

    public init(severity: String, state: SQLState, message: String) {
        self.severity = severity
        self.state = state
        self.message = message
    }

    /// The session ends with this message.
    var endsSession: Bool { severity == "FATAL" || severity == "PANIC" }
}
