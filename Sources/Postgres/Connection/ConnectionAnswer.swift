/// Gathers the results of one statement or script: the last one counts, and the first failure counts more.
struct ConnectionAnswer {
    private var last: PQResultHandle?
    var failure: PostgresError?

    /// False for `COPY`, in which data goes first, one way or the other.
    mutating func add(_ result: PQResultHandle) -> Bool {
        switch result.status {
        case .rows, .command, .empty:
            last = result
        case .failed:
            failure = failure ?? Self.error(of: result)
        case .copy:
            return false
        }
        return true
    }

    var outcome: ConnectionRequest.Outcome {
        if let failure { return .failure(failure) }
        if let last { return .success(last) }
        return .failure(PostgresError(.connectionLost, "the server gave no answer", isOutcomeUnknown: true))
    }

    func unsupported() -> PostgresError {
        PostgresError(
            .invalidStatement,
            "COPY FROM STDIN is run by copyIn, COPY TO STDOUT by copyOut; the connection was closed")
    }

    /// A failure without a SQLSTATE is libpq's own: the connection broke, or the server does not speak its language.
    private static func error(of result: PQResultHandle) -> PostgresError {
        if let message = result.serverMessage { return PostgresError(server: message) }
        return PostgresError(
            .connectionLost, "the connection broke before the answer", detail: result.errorMessage,
            isOutcomeUnknown: true)
    }
}
