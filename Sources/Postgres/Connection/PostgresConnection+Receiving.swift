import Logging

// What the server answers, and what it says unasked.

extension PostgresConnection {
    func socketReady(_ readiness: Epoll.Readiness) {
        if readiness.contains(.writing) { flush() }
        guard !readiness.isDisjoint(with: [.reading, .broken]) else { return }
        if holdsBackReading, !readiness.contains(.broken) { setReading(false) } else { receive() }
    }

    func receive() {
        guard let handle else { return }
        guard handle.consumeInput() else { return lost() }
        while machine.awaitsAnswer, !handle.isBusy {
            if copying != nil {
                guard continueCopy() else { break }
            } else if let result = handle.nextResult() {
                guard answer.add(result) || beginCopy(result.copyDirection) else { return close(answer.unsupported()) }
            } else {
                transmit(nextStep() ?? finishAnswer())
            }
        }
        // Takes in what a session is told while nothing is under way.
        _ = handle.isBusy
        if handle.isBroken { lost() }
    }

    /// What is still to be sent for the statement under way: its values after it was prepared, or all of it anew after it turned
    /// out that the server no longer keeps it. `nil` when the answer is the statement's.
    private func nextStep() -> ConnectionMachine.Request? {
        defer { statementStep = nil }
        switch statementStep {
        case .preparing(let id, let key, let name):
            guard answer.failure == nil else { return nil }
            statements.prepared(key, as: name)
            return machine.running == id ? id : nil
        case .executing(let id, let key):
            guard let failure = answer.failure, statements.failed(key, failure.sqlState) else { return nil }
            // A transaction that it was part of has failed with it.
            return machine.running == id && handle?.transactionStatus == .idle ? id : nil
        case nil:
            return nil
        }
    }

    /// The server has answered in full.
    ///
    /// - Returns: what to send next.
    func finishAnswer() -> ConnectionMachine.Request? {
        let outcome = answer.outcome
        answer = ConnectionAnswer()
        if case .failure(let error) = outcome, error.sqlState?.condemnsSession ?? false { health.condemn() }
        switch machine.answered() {
        case .proceed(let answered, let next):
            if let answered, let request = requests.removeValue(forKey: answered) {
                noteStatus()
                request.finish(outcome)
            }
            return proceed(to: next)
        case .keepDraining:
            if cancel?.revoke() ?? true { return deliveredCancel() }
            return nil
        case .none:
            return nil
        }
    }

    func proceed(to next: ConnectionMachine.Request?) -> ConnectionMachine.Request? {
        drainDeadline = nil
        cancelAgainAt = nil
        noteStatus()
        if next == nil { resumeIdleWaiters() }
        return next
    }

    func noteStatus() {
        guard let handle, !machine.isClosed else { return health.set(.closed) }
        guard machine.isIdle else { return health.set(.busy) }
        switch handle.transactionStatus {
        case .idle: health.set(.ready)
        case .inTransaction, .failedTransaction: health.set(.inTransaction)
        case .active, .unknown: health.set(.busy)
        }
    }

    func resumeIdleWaiters() {
        let waiters = idleWaiters
        idleWaiters = []
        waiters.forEach { $0.resume() }
    }

    func heard(_ message: PostgresServerMessage) {
        if message.endsSession { lastWords = message }
        logger.debug(
            "notice from PostgreSQL",
            metadata: [
                "severity": "\(message.severity)", "sqlstate": "\(message.state)", "notice": "\(message.message)",
                "pid": "\(backendPID)",
            ])
    }
}
