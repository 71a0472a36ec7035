/// Why a store could not decide.
public struct StoreError: Error, Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No connection, a connection lost, a server that refuses to work.
        case unavailable
        /// No answer before the deadline.
        case deadlineExceeded = "deadline_exceeded"
        /// The user's lock was not granted in time: the database works, this user is busy.
        case contended
        /// The schema is missing, too old, too new, or not ours to use.
        case schema
        /// The store was shut down.
        case closed
    }

    public let kind: Kind
    /// For logs: says what happened and never holds a bound value or a secret.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether this counts against the database in the breaker. One busy user, or our own shutdown, does not.
    public var isOutage: Bool {
        switch kind {
        case .unavailable, .deadlineExceeded, .schema: true
        case .contended, .closed: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String { "\(kind.rawValue): \(message)" }
}
