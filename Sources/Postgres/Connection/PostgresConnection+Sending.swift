import Logging

// Statements on their way to the server.

extension PostgresConnection {
    func open() throws(PostgresError) {
        guard let handle else { return }
        handle.onNotice = { [weak self] message in self?.assumeIsolated { $0.heard(message) } }
        token = executor.watch(handle.socket) { [weak self] readiness in
            self?.assumeIsolated { $0.socketReady(readiness) }
        } onDeadline: { [weak self] in
            self?.assumeIsolated { $0.deadlineReached() }
        }
        if token == nil { throw PostgresError(.connectionFailed, "the socket cannot be watched") }
        logger.debug("connected to PostgreSQL", metadata: ["host": "\(host)", "pid": "\(backendPID)"])
    }

    func submit(_ id: ConnectionMachine.Request, _ request: ConnectionRequest) {
        switch machine.submitted(id) {
        case .send:
            requests[id] = request
            health.set(.busy)
            arm(request.deadline)
            transmit(id)
        case .wait:
            requests[id] = request
            arm(request.deadline)
        case .refuse:
            let reason = closeReason ?? PostgresError(.connectionClosed, "the connection is closed")
            request.finish(.failure(reason))
        }
    }

    /// Sends a statement; one that libpq does not take fails, and the next one's turn comes.
    func transmit(_ first: ConnectionMachine.Request?) {
        var next = first
        while let id = next, let request = requests[id], let handle {
            answer = ConnectionAnswer()
            statementStep = nil
            if send(id, request, to: handle) { return flush() }
            if handle.isBroken { return lost() }
            answer.failure = PostgresError(
                .invalidStatement, "the statement cannot be sent", detail: handle.errorMessage)
            next = finishAnswer()
        }
    }

    private func send(
        _ id: ConnectionMachine.Request, _ request: ConnectionRequest, to handle: PQConnectionHandle
    ) -> Bool {
        guard let parameters = request.parameters else { return handle.sendScript(request.sql) }
        // COPY is not sent as a statement that is kept.
        guard request.transfer == nil else { return handle.send(request.sql, parameters) }
        let key = PreparedStatements.Key(sql: request.sql, types: parameters.types)
        switch statements.way(of: key) {
        case .unnamed:
            return handle.send(request.sql, parameters)
        case .prepare(let name):
            statementStep = .preparing(id, key, name: name)
            return handle.sendPrepare(name, request.sql, types: parameters.types)
        case .execute(let name):
            statementStep = .executing(id, key)
            return handle.sendPrepared(name, parameters)
        }
    }

    func flush() {
        guard let handle else { return }
        switch handle.flush() {
        case .done:
            setWriting(false)
            copyFlushed()
        case .pending:
            setWriting(true)
        case .failed:
            // The server may have said why before it hung up.
            receive()
        }
    }

    private func setWriting(_ isWanted: Bool) {
        guard isWriting != isWanted else { return }
        isWriting = isWanted
        watch()
    }

    func setReading(_ isWanted: Bool) {
        guard isHeldBack == isWanted else { return }
        isHeldBack = !isWanted
        watch()
    }

    private func watch() {
        guard let token else { return }
        var interest: Epoll.Readiness = isHeldBack ? [] : .reading
        if isWriting { interest.insert(.writing) }
        executor.setInterest(token, interest)
    }
}
