extension PostgresError {
    /// What an error is about. Compare with `==`, or match in a `switch` with a default: new codes may come.
    public struct Code: Hashable, Sendable {
        enum Base: Hashable, Sendable {
            case server(SQLState)
            case connectionFailed, connectionLost, connectionClosed
            case deadlineExceeded, cancelled
            case poolTimeout, poolClosed
            case decoding, invalidConfiguration, invalidStatement, transactionAborted
        }

        let base: Base

        /// The server answered the statement with an error.
        public static func server(_ state: SQLState) -> Code { Code(base: .server(state)) }
        /// No connection could be made.
        public static let connectionFailed = Code(base: .connectionFailed)
        /// The connection broke; whether a statement was under way says `isOutcomeUnknown`.
        public static let connectionLost = Code(base: .connectionLost)
        /// The connection was closed by this program.
        public static let connectionClosed = Code(base: .connectionClosed)
        /// The caller's deadline passed; the server was asked to stop.
        public static let deadlineExceeded = Code(base: .deadlineExceeded)
        /// The caller's task was cancelled; the server was asked to stop.
        public static let cancelled = Code(base: .cancelled)
        /// Every connection of the pool was busy until the deadline.
        public static let poolTimeout = Code(base: .poolTimeout)
        /// The pool was shut down.
        public static let poolClosed = Code(base: .poolClosed)
        /// An answer was not of the type that was asked for.
        public static let decoding = Code(base: .decoding)
        /// A connection string or a setting is wrong.
        public static let invalidConfiguration = Code(base: .invalidConfiguration)
        /// A statement that cannot be sent: too many parameters, a NUL in the SQL, a `COPY` that is not run as one.
        public static let invalidStatement = Code(base: .invalidStatement)
        /// `COMMIT` was answered by `ROLLBACK`: an earlier statement of the transaction had failed.
        public static let transactionAborted = Code(base: .transactionAborted)

        /// The SQLSTATE of ``server(_:)``.
        public var state: SQLState? { if case .server(let state) = base { state } else { nil } }
    }
}

extension PostgresError.Code: CustomStringConvertible {
    public var description: String {
        switch base {
        case .server(let state): "server(\(state))"
        case .connectionFailed: "connectionFailed"
        case .connectionLost: "connectionLost"
        case .connectionClosed: "connectionClosed"
        case .deadlineExceeded: "deadlineExceeded"
        case .cancelled: "cancelled"
        case .poolTimeout: "poolTimeout"
        case .poolClosed: "poolClosed"
        case .decoding: "decoding"
        case .invalidConfiguration: "invalidConfiguration"
        case .invalidStatement: "invalidStatement"
        case .transactionAborted: "transactionAborted"
        }
    }
}
