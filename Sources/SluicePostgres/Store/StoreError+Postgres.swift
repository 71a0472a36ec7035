import Postgres
import SluiceCore

extension StoreError {
    /// What a failure of PostgreSQL means for a decision. The message is the bland one: codes, no values, no SQL.
    init(_ error: PostgresError) {
        self.init(Self.kind(of: error), "\(error)")
    }

    private static func kind(of error: PostgresError) -> Kind {
        if let state = error.code.state { return kind(of: state) }
        return switch error.code {
        case .deadlineExceeded, .poolTimeout: .deadlineExceeded
        case .poolClosed, .cancelled, .connectionClosed: .closed
        case .decoding, .invalidStatement: .schema
        default: .unavailable
        }
    }

    private static func kind(of state: SQLState) -> Kind {
        switch state {
        // The database works; two transactions got in each other's way.
        case .lockNotAvailable, .serializationFailure, .deadlockDetected: .contended
        case .queryCanceled: .deadlineExceeded
        // What is asked for is not there, or not ours: a missing, older or newer schema.
        case .undefinedFunction, .undefinedTable, .undefinedColumn, .invalidSchemaName, .insufficientPrivilege,
            .checkViolation, .invalidParameterValue, .invalidTransactionState:
            .schema
        default: .unavailable
        }
    }
}

extension SQLState {
    /// An argument that the functions refuse.
    static let invalidParameterValue = SQLState("22023")
    /// An isolation level under which a decision could not be exact.
    static let invalidTransactionState = SQLState("25000")
}
