extension PostgresPool: PostgresExecutor {
    /// Runs one statement on any connection.
    public nonisolated(nonsending) func perform(
        _ sql: String, _ parameters: PostgresParameters, deadline: ContinuousClock.Instant?,
        at location: PostgresError.SourceLocation
    ) async throws(PostgresError) -> PostgresResult {
        let lease: PoolLease
        do {
            lease = try await self.lease(deadline: deadline)
        } catch {
            throw error.at(location, sql: sql)
        }
        defer { release(lease) }
        return try await lease.connection.perform(sql, parameters, deadline: deadline, at: location)
    }

    /// Lends a connection to the closure and takes it back after; it must not be kept longer.
    ///
    /// A transaction left open is rolled back. What `SET` changed stays changed for the next user: use `SET LOCAL`.
    ///
    /// - Parameter deadline: for getting the connection; the settings' `acquireTimeout` bounds it as well.
    /// - Throws: ``PostgresError`` when there is no connection, else what the closure throws.
    @discardableResult
    public nonisolated(nonsending) func withConnection<Value>(
        deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease: PoolLease
        do {
            lease = try await self.lease(deadline: deadline)
        } catch {
            throw error.at(.init(file, line))
        }
        defer { release(lease) }
        return try await body(lease.connection)
    }

    /// Runs the closure in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// - Parameters:
    ///   - deadline: for all of it, from getting the connection to `COMMIT`; statements within may have sooner ones.
    ///   - mode: isolation and access.
    /// - Throws: ``PostgresTransactionError``, which says at which step, and whether it may have committed.
    @discardableResult
    public nonisolated(nonsending) func withTransaction<Value>(
        deadline: ContinuousClock.Instant? = nil, mode: PostgresTransactionMode = .init(),
        file: StaticString = #fileID, line: UInt = #line,
        _ body: nonisolated(nonsending) (PostgresTransaction) async throws -> Value
    ) async throws(PostgresTransactionError) -> Value {
        let lease: PoolLease
        do {
            lease = try await self.lease(deadline: deadline)
        } catch {
            throw PostgresTransactionError(begin: error.at(.init(file, line)))
        }
        defer { release(lease) }
        return try await lease.connection.withTransaction(
            deadline: deadline, mode: mode, file: file, line: line, body)
    }
}
