/// What a session remembers: which statements the server has parsed already, so that they need not be parsed anew each time.
///
/// Only a session of one's own can be told to remember; behind a pooler the next statement may reach another one. A statement is
/// prepared when it comes for the second time, since what comes once is not worth the round trip.
struct PreparedStatements {
    /// The same text with values of other types is another statement.
    struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    enum Way: Equatable {
        /// Parsed anew.
        case unnamed
        /// To be prepared under this name first, then executed.
        case prepare(name: String)
        /// Prepared under this name.
        case execute(name: String)
    }

    private enum Stage {
        case seen
        case prepared(name: String)
    }

    /// A server keeps some kilobytes for each.
    static let maximumCount = 64

    /// Whether the session is our own.
    var isAllowed = false
    private let prefix: String
    private var stages: [Key: Stage] = [:]
    private var lastNumber = 0

    /// - Parameter prefix: of all names, and of nobody else's: a pooler that was not told apart from a server may hand the next
    ///   statement to a session in which others have prepared theirs.
    init(prefix: String = "s" + String(UInt64.random(in: 0 ... .max), radix: 36)) {
        self.prefix = prefix
    }

    /// How to run a statement that is about to go out.
    mutating func way(of key: Key) -> Way {
        guard isAllowed else { return .unnamed }
        switch stages[key] {
        case .prepared(let name):
            return .execute(name: name)
        case .seen:
            lastNumber += 1
            return .prepare(name: "\(prefix)_\(lastNumber)")
        case nil:
            if stages.count < Self.maximumCount { stages[key] = .seen }
            return .unnamed
        }
    }

    mutating func prepared(_ key: Key, as name: String) {
        stages[key] = .prepared(name: name)
    }

    /// A prepared statement failed.
    ///
    /// - Returns: whether that is for want of the statement, or of its former columns, so that it has not begun: it may be run anew.
    mutating func failed(_ key: Key, _ state: SQLState?) -> Bool {
        switch state {
        case .invalidSQLStatementName:
            // It is not our own session, or somebody in it forgot everything.
            isAllowed = false
            stages = [:]
            return true
        case .featureNotSupported:
            // "cached plan must not change result type", after a migration.
            stages[key] = nil
            return true
        default:
            return false
        }
    }
}
