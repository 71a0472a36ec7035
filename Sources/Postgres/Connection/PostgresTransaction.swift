/// An open transaction, lent to a closure.
public struct PostgresTransaction: PostgresExecutor {
    /// The connection that it runs on.
    public let connection: PostgresConnection
    /// The deadline of the whole transaction, which every statement in it keeps too.
    public let deadline: ContinuousClock.Instant?

    public nonisolated(nonsending) func perform(
        _ sql: String, _ parameters: PostgresParameters, deadline: ContinuousClock.Instant?,
        at location: PostgresError.SourceLocation
    ) async throws(PostgresError) -> PostgresResult {
        try await connection.perform(sql, parameters, deadline: sooner(deadline), at: location)
    }

    /// Runs any number of statements in the simple protocol. A script that ends the transaction is on its own.
    public nonisolated(nonsending) func execute(
        _ script: String, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws(PostgresError) {
        try await connection.execute(script, deadline: sooner(deadline), file: file, line: line)
    }

    func sooner(_ other: ContinuousClock.Instant?) -> ContinuousClock.Instant? {
        [deadline, other].compactMap(\.self).min()
    }
}

extension PostgresConnection {
    /// Runs the closure in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// `COMMIT` and `ROLLBACK` are sent even when the task has been cancelled: a body that has returned has done its work.
    ///
    /// - Parameters:
    ///   - deadline: for all of it; statements within may have sooner ones.
    ///   - mode: isolation and access.
    /// - Throws: ``PostgresTransactionError``, which says at which step, and whether it may have committed.
    @discardableResult
    public nonisolated(nonsending) func withTransaction<Value>(
        deadline: ContinuousClock.Instant? = nil, mode: PostgresTransactionMode = .init(),
        file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (PostgresTransaction) async throws -> Value
    ) async throws(PostgresTransactionError) -> Value {
        let location = PostgresError.SourceLocation(file, line)
        do {
            _ = try await perform(mode.begin, PostgresParameters(), deadline: deadline, at: location)
        } catch {
            throw PostgresTransactionError(begin: error)
        }
        let value: Value
        do {
            value = try await body(PostgresTransaction(connection: self, deadline: deadline))
        } catch {
            throw PostgresTransactionError(body: error, rollback: await rollBack(location))
        }
        do throws(PostgresError) {
            let result = try await run(
                "COMMIT", PostgresParameters(), deadline: deadline, at: location, honouringCancellation: false)
            if result.commandTag == "ROLLBACK" { throw Self.aborted(location) }
        } catch {
            throw PostgresTransactionError(commit: error)
        }
        return value
    }

    /// Not when a statement is still being cancelled: the caller has waited long enough, and whoever takes the connection
    /// back settles it.
    private nonisolated(nonsending) func rollBack(_ location: PostgresError.SourceLocation) async -> PostgresError? {
        guard health.current == .inTransaction else { return nil }
        do {
            _ = try await run(
                "ROLLBACK", PostgresParameters(), deadline: .now + Self.drainTimeout, at: location,
                honouringCancellation: false)
            return nil
        } catch {
            return error
        }
    }

    private static func aborted(_ location: PostgresError.SourceLocation) -> PostgresError {
        PostgresError(.transactionAborted, "a statement of the transaction had failed, so it was rolled back")
            .at(location)
    }
}
