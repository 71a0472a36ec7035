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

    /// Whether calls that are let through in an outage are written down.
    public enum Journal: Hashable, Sendable {
        case ok
        /// They are not at the moment, and `reason` says why.
        case failing(reason: String)
        /// There is none.
        case off
    }

    public let database: Database
    public let schema: Schema
    public let journal: Journal
    /// Whether this process has found the schema right before.
    public let wasSchemaRight: Bool
    /// The oldest version of the schema that is taken for right; `nil` where versions mean nothing.
    public let wantedSchema: Int?
    /// The version that was found; `nil` when none was.
    public let foundSchema: Int?

    /// Reasons are shown to everyone who reaches `/readyz`: they must not hold secrets.
    public init(
        database: Database, schema: Schema, journal: Journal = .off, wasSchemaRight: Bool = false,
        wantedSchema: Int? = nil, foundSchema: Int? = nil
    ) {
        self.database = database
        self.schema = schema
        self.journal = journal
        self.wasSchemaRight = wasSchemaRight
        self.wantedSchema = wantedSchema
        self.foundSchema = foundSchema
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

extension Readiness.Journal {
    var word: String {
        switch self {
        case .ok: "ok"
        case .failing: "failing"
        case .off: "off"
        }
    }

    var reason: String? {
        guard case .failing(let reason) = self else { return nil }
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
