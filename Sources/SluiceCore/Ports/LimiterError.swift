/// Why there is no decision.
public enum LimiterError: Error, Hashable, Sendable {
    /// The database cannot decide and the call may not go through without it.
    /// `retryAfter` is when asking again may help, where that is known.
    case unavailable(StoreError, retryAfter: Duration?)
    /// The caller's task was cancelled before a decision. The call may still be decided and counted.
    case cancelled
}

extension LimiterError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let cause, _): "the limiter cannot decide: \(cause)"
        case .cancelled: "the caller was cancelled before a decision"
        }
    }
}
