/// What a user may spend: one or more windows, all of which must have room for a call.
public struct Policy: Hashable, Sendable {
    /// The key of the policy's row in the ledger; 1 is the built-in default.
    public let id: Int32
    public let name: String
    /// At least one; names are distinct. The call is admitted by all of them or by none.
    public let windows: [Window]
    /// What callers get while the database cannot decide.
    public let onOutage: OutageBehavior

    /// - Throws: ``PolicyError`` for no windows, two windows of one name, or a name that cannot be shown to clients.
    public init(
        id: Int32 = 1, name: String, windows: [Window], onOutage: OutageBehavior = .open
    ) throws(PolicyError) {
        guard Window.isName(name) else { throw .invalidName(name) }
        guard !windows.isEmpty else { throw .noWindows(policy: name) }
        var seen: Set<String> = []
        for window in windows where !seen.insert(window.name).inserted {
            throw .duplicateWindow(policy: name, window: window.name)
        }
        self.id = id
        self.name = name
        self.windows = windows
        self.onOutage = onOutage
    }

    /// The policy of `LLM_RATE_LIMIT_REQUESTS` and `LLM_RATE_LIMIT_WINDOW`: one window, named like the policy.
    public static func standard(
        limit: Int64 = 20, length: Duration = .seconds(3_600), onOutage: OutageBehavior = .open
    ) throws(PolicyError) -> Policy {
        try Policy(
            name: "default", windows: [Window(name: "default", limit: limit, length: length)], onOutage: onOutage)
    }
}

/// What happens to a call that the database cannot decide in time.
public enum OutageBehavior: String, Sendable, CaseIterable {
    /// Admit it, unchecked.
    case open
    /// Decide by a window local to this replica.
    case bounded
    /// Turn it away as unavailable (503).
    case closed
}

/// A policy that cannot be; the description names the value and what is allowed.
public enum PolicyError: Error, Equatable, Sendable {
    case invalidName(String)
    case limitOutOfRange(Int64)
    case lengthOutOfRange(Duration)
    case noWindows(policy: String)
    case duplicateWindow(policy: String, window: String)
}

extension PolicyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidName(let name):
            "name \"\(name)\" is not allowed: use 1 to 64 letters, digits, dots, underscores or hyphens"
        case .limitOutOfRange(let limit):
            "limit \(limit) is out of range: use 0 to \(Window.maximumLimit)"
        case .lengthOutOfRange(let length):
            "window length \(length) is out of range: use 1 microsecond to 366 days, in whole microseconds"
        case .noWindows(let policy):
            "policy \"\(policy)\" has no window: give it at least one"
        case .duplicateWindow(let policy, let window):
            "policy \"\(policy)\" has two windows named \"\(window)\": give each its own name"
        }
    }
}
