extension PostgresConnection {
    /// Runs `COPY … TO STDOUT` and hands on what the server sends, as it comes.
    ///
    /// No more is read while the closure runs, so memory stays bounded however much there is. The closure may not use the
    /// connection. When it throws, or the task is cancelled, the server is asked to stop; the connection is usable after.
    ///
    /// - Parameters:
    ///   - sql: one statement. Its names and values are part of the text, since `COPY` takes no parameters.
    ///   - deadline: for all of it, the closure included.
    ///   - receive: whole rows, some 64 KiB at a time, in the format that the statement names. In binary the first piece
    ///     begins with the header and the last one ends with the trailer.
    /// - Returns: how many rows were copied.
    /// - Throws: what the closure throws, else ``PostgresError``; `.invalidStatement` when it is not such a `COPY`.
    @discardableResult
    public nonisolated(nonsending) func copyOut(
        _ sql: String, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line,
        receive: nonisolated(nonsending) ([UInt8]) async throws -> Void
    ) async throws -> Int {
        let copy = try CopyCall(self, sql, .fromServer, .init(file, line))
        return try await withTaskCancellationHandler {
            var event = await copy.begin(deadline: deadline)
            while true {
                switch event {
                case .proceed:
                    break
                case .data(let rows):
                    do {
                        try await receive(rows)
                    } catch {
                        await copy.abandon()
                        throw error
                    }
                case .ended(let outcome):
                    return try copy.rows(outcome)
                }
                event = await copy.read()
            }
        } onCancel: {
            copy.cancel()
        }
    }

    /// Runs `COPY … FROM STDIN` with data from a closure.
    ///
    /// The next piece is asked for when the one before has left, so memory stays bounded. The closure may not use the
    /// connection. An error that the server finds in the data is thrown after the last piece: the protocol has the client
    /// finish first.
    ///
    /// - Parameters:
    ///   - sql: one statement. Its names and values are part of the text, since `COPY` takes no parameters.
    ///   - deadline: for all of it, the closure included.
    ///   - next: the next piece, in the format that the statement names, cut anywhere; `nil` at the end. When it throws, the
    ///     server forgets all that was sent.
    /// - Returns: how many rows were copied.
    /// - Throws: what the closure throws, else ``PostgresError``; `.invalidStatement` when it is not such a `COPY`.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        _ sql: String, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line,
        next: nonisolated(nonsending) () async throws -> [UInt8]?
    ) async throws -> Int {
        let copy = try CopyCall(self, sql, .toServer, .init(file, line))
        return try await withTaskCancellationHandler {
            var event = await copy.begin(deadline: deadline)
            while true {
                if case .ended(let outcome) = event { return try copy.rows(outcome) }
                let piece: [UInt8]?
                do {
                    piece = try await next()
                } catch {
                    _ = await copy.end(failing: true)
                    throw error
                }
                event = if let piece { await copy.write(piece) } else { await copy.end(failing: false) }
            }
        } onCancel: {
            copy.cancel()
        }
    }
}

extension PostgresTransaction {
    /// As ``PostgresConnection/copyOut(_:deadline:file:line:receive:)``, within the transaction's deadline.
    @discardableResult
    public nonisolated(nonsending) func copyOut(
        _ sql: String, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line,
        receive: nonisolated(nonsending) ([UInt8]) async throws -> Void
    ) async throws -> Int {
        try await connection.copyOut(sql, deadline: sooner(deadline), file: file, line: line, receive: receive)
    }

    /// As ``PostgresConnection/copyIn(_:deadline:file:line:next:)``, within the transaction's deadline.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        _ sql: String, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line,
        next: nonisolated(nonsending) () async throws -> [UInt8]?
    ) async throws -> Int {
        try await connection.copyIn(sql, deadline: sooner(deadline), file: file, line: line, next: next)
    }
}
