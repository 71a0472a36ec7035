/// The caller's end of one `COPY`: each step posts to the connection's loop and waits for what comes of it.
struct CopyCall: Sendable {
    private let connection: PostgresConnection
    private let sql: String
    private let location: PostgresError.SourceLocation
    private let id: ConnectionMachine.Request
    private let transfer: CopyTransfer

    /// - Throws: ``PostgresError`` when there is nothing to begin.
    init(
        _ connection: PostgresConnection, _ sql: String, _ direction: CopyDirection,
        _ location: PostgresError.SourceLocation
    ) throws(PostgresError) {
        guard !Task.isCancelled else {
            throw PostgresError(.cancelled, "cancelled before it was sent").at(location, sql: sql)
        }
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.invalidStatement, "the SQL contains a NUL").at(location)
        }
        self.connection = connection
        self.sql = sql
        self.location = location
        id = connection.newRequest()
        transfer = CopyTransfer(direction)
    }

    nonisolated(nonsending) func begin(deadline: ContinuousClock.Instant?) async -> CopyTransfer.Event {
        await transfer.next {
            let request = ConnectionRequest(
                sql: sql, parameters: PostgresParameters(), deadline: deadline, waiter: .copy(transfer))
            post { $0.submit(id, request) }
            // The handler may have run before there was anything to cancel.
            if Task.isCancelled { cancel() }
        }
    }

    /// Waits for rows.
    nonisolated(nonsending) func read() async -> CopyTransfer.Event {
        await transfer.next { post { $0.resumeReading() } }
    }

    /// Waits until the data has left.
    nonisolated(nonsending) func write(_ bytes: [UInt8]) async -> CopyTransfer.Event {
        await transfer.next { post { $0.writeCopy(id, bytes) } }
    }

    /// Waits for the server's last word.
    ///
    /// - Parameter failing: the server shall forget what it was sent.
    nonisolated(nonsending) func end(failing: Bool) async -> CopyTransfer.Event {
        await transfer.next { post { $0.endCopy(id, failing: failing) } }
    }

    /// Has the server stop, and waits until it has, but not longer than a cancelled task may take.
    nonisolated(nonsending) func abandon() async {
        if Task.isCancelled { return cancel() }
        await connection.abandonCopy(id)
    }

    func cancel() {
        connection.cancel(id)
    }

    /// How many rows were copied, or the error.
    func rows(_ outcome: ConnectionRequest.Outcome) throws(PostgresError) -> Int {
        switch outcome {
        case .success(let result):
            if result.commandTag.hasPrefix("COPY "), let rows = result.affectedRows { return rows }
            throw PostgresError(
                .invalidStatement, "the statement is not a COPY that moves data through the client"
            ).at(location, sql: sql)
        case .failure(let error):
            throw error.at(location, sql: sql)
        }
    }

    private func post(_ call: @escaping @Sendable (isolated PostgresConnection) -> Void) {
        connection.executor.post { [connection] in connection.assumeIsolated { call($0) } }
    }
}
