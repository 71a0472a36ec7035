/// A transaction that did not come to its end, step by step.
public struct PostgresTransactionError: Error, Sendable {
    /// No connection, or `BEGIN` failed: the body never ran.
    public internal(set) var begin: PostgresError?
    /// What the body threw.
    public internal(set) var body: (any Error)?
    /// `ROLLBACK` failed too. The connection is not used again.
    public internal(set) var rollback: PostgresError?
    /// `COMMIT` failed.
    public internal(set) var commit: PostgresError?

    /// The transaction may have committed: `COMMIT` was sent and no final answer came.
    public var isOutcomeUnknown: Bool { commit?.isOutcomeUnknown ?? false }

    /// The first thing that PostgreSQL has to do with, to decide by; `nil` when the body threw an error of its own.
    public var postgresError: PostgresError? { begin ?? (body as? PostgresError) ?? commit ?? rollback }
}

extension PostgresTransactionError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        let steps = [("begin", begin), ("commit", commit), ("rollback", rollback)]
        var parts = steps.compactMap { name, error in error.map { "\(name): \($0.description)" } }
        // An error of another module may hold anything: its type is all that is bland.
        if let body { parts.append("body: \((body as? PostgresError)?.description ?? "\(type(of: body))")") }
        return "transaction failed; " + parts.joined(separator: "; ")
    }

    public var debugDescription: String {
        let steps: [(String, (any Error)?)] = [
            ("begin", begin), ("body", body), ("commit", commit), ("rollback", rollback),
        ]
        let parts = steps.compactMap { name, error in error.map { "\(name): \(String(reflecting: $0))" } }
        return "transaction failed\n" + parts.joined(separator: "\n")
    }
}
