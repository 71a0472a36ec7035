/// What runs statements: a connection, a transaction, or a pool.
public protocol PostgresExecutor: Sendable {
    /// Runs one statement; values and results travel in binary form.
    ///
    /// - Parameters:
    ///   - deadline: when it passes, the caller is answered `.deadlineExceeded` at once and the server is asked to stop.
    ///     `nil` waits as long as it takes (a pool still bounds the wait for a connection).
    /// - Throws: see ``PostgresError/Code``; `isOutcomeUnknown` tells whether the statement may have taken effect.
    nonisolated(nonsending) func perform(
        _ sql: String, _ parameters: PostgresParameters, deadline: ContinuousClock.Instant?,
        at location: PostgresError.SourceLocation
    ) async throws(PostgresError) -> PostgresResult
}

extension PostgresExecutor {
    /// Runs one statement with values for `$1`, `$2`, ….
    @discardableResult
    public nonisolated(nonsending) func query(
        _ sql: String, _ values: [any PostgresEncodable], deadline: ContinuousClock.Instant? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws(PostgresError) -> PostgresResult {
        try await perform(sql, PostgresParameters(values), deadline: deadline, at: .init(file, line))
    }

    /// Runs one statement with values that are bound already.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ sql: String, parameters: PostgresParameters, deadline: ContinuousClock.Instant? = nil,
        file: StaticString = #fileID, line: UInt = #line
    ) async throws(PostgresError) -> PostgresResult {
        try await perform(sql, parameters, deadline: deadline, at: .init(file, line))
    }

    /// Runs one statement whose interpolated values are bound.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ query: PostgresQuery, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws(PostgresError) -> PostgresResult {
        try await perform(query.sql, query.parameters, deadline: deadline, at: .init(file, line))
    }

    /// Runs a typed statement and reads its rows.
    @discardableResult
    public nonisolated(nonsending) func run<Statement: PostgresStatement>(
        _ statement: Statement, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID,
        line: UInt = #line
    ) async throws(PostgresError) -> [Statement.Row] {
        let result = try await perform(
            Statement.sql, statement.parameters, deadline: deadline, at: .init(file, line))
        var rows: [Statement.Row] = []
        rows.reserveCapacity(result.count)
        for row in result { rows.append(try Statement.decode(row)) }
        return rows
    }
}
