/// What is known about the database that the replica decides with.
public struct Readiness: Hashable, Sendable {
    public enum Database: Hashable, Sendable {
        case reachable
        case unreachable(reason: String)
    }

    public enum Schema: Hashable, Sendable {
        /// The one that this version of the program works with.
        case right
        /// Too old, too new, or not there: `reason` says which, and the remedy.
        case wrong(reason: String)
        /// The database could not be asked.
        case unknown
    }

    public let database: Database
    public let schema: Schema

    /// Reasons are shown to everyone who reaches `/readyz`: they must not hold secrets.
    public init(database: Database, schema: Schema) {
        self.database = database
        self.schema = schema
    }
}

/// Looks at the database for `/readyz`.
public protocol ReadinessProbe: Sendable {
    /// Answers within about a second, with ``Readiness/Database/unreachable(reason:)`` where the database does not.
    func check() async -> Readiness
}

extension Readiness.Database {
    var word: String {
        switch self {
        case .reachable: "reachable"
        case .unreachable: "unreachable"
        }
    }

    var reason: String? {
        guard case .unreachable(let reason) = self else { return nil }
        return reason
    }
}

extension Readiness.Schema {
    var word: String {
        switch self {
        case .right: "right"
        case .wrong: "wrong"
        case .unknown: "unknown"
        }
    }

    var reason: String? {
        guard case .wrong(let reason) = self else { return nil }
        return reason
    }
}
