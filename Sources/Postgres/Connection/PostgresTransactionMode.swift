/// How a transaction sees and touches the database.
public struct PostgresTransactionMode: Hashable, Sendable {
    /// What it sees of others' commits.
    public enum Isolation: String, Hashable, Sendable {
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    /// `nil` is the server's default.
    public var isolation: Isolation?
    public var isReadOnly: Bool

    public init(isolation: Isolation? = nil, isReadOnly: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
    }

    var begin: String {
        let level = isolation.map { " ISOLATION LEVEL \($0.rawValue)" } ?? ""
        return "BEGIN" + level + (isReadOnly ? " READ ONLY" : "")
    }
}
