import Postgres
import SluiceCore

extension StoreError {
    /// What a failure of PostgreSQL means for a decision. The message is the bland one: codes, no values, no SQL.
    init(_ error: PostgresError) {
        self.init(Self.kind(of: error), "\(error)")
    }

    private static func kind(of error: PostgresError) -> Kind {
        if let state = error.code.state { return kind(of: state, constraint: error.server?.constraint) }
        return switch error.code {
        case .deadlineExceeded, .poolTimeout: .deadlineExceeded
        case .poolClosed, .cancelled, .connectionClosed: .closed
        case .decoding, .invalidStatement: .schema
        default: .unavailable
        }
    }

    private static func kind(of state: SQLState, constraint: String?) -> Kind {
        switch state {
        // The database works; two transactions got in each other's way.
        case .serializationFailure, .deadlockDetected: .contended
        // A busy user is an answer, so it was the ledger itself that somebody holds.
        case .lockNotAvailable: .locked
        case .queryCanceled: .deadlineExceeded
        // No constraint of ours: the row's day has no partition.
        case .checkViolation where constraint == nil: .missingPartition
        case .invalidSchemaName, .invalidTransactionState: .schema
        default: kind(ofClass: state.classCode)
        }
    }

    private static func kind(ofClass code: String) -> Kind {
        switch code {
        // Values that a function, a type or a constraint refuses.
        case "21", "22", "23": .rejected
        // What is asked for is not there, or not ours: a missing, older or newer schema.
        case "42": .schema
        default: .unavailable
        }
    }
}

extension SQLState {
    /// An isolation level under which a decision could not be exact.
    static let invalidTransactionState = SQLState("25000")
}
