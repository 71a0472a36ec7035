import Logging

// Callers that give up, and the end of the connection.

extension PostgresConnection {
    func arm(_ deadline: ContinuousClock.Instant?) {
        guard let deadline, let token, deadline < armedDeadline ?? deadline + .seconds(1) else { return }
        armedDeadline = deadline
        executor.setDeadline(token, deadline)
    }

    func deadlineReached() {
        let now = ContinuousClock.now
        armedDeadline = nil
        for id in requests.filter({ $0.value.deadline.map { $0 <= now } ?? false }).keys.sorted() {
            giveUp(id, .deadlineExceeded, "no answer before the deadline")
        }
        if let drainDeadline, drainDeadline <= now {
            _ = cancel?.revoke()
            return close(PostgresError(.connectionLost, "an abandoned statement did not end in time"))
        }
        if let cancelAgainAt, cancelAgainAt <= now {
            self.cancelAgainAt = nil
            if machine.asksAgain() { sendCancel() }
        }
        arm(cancelAgainAt)
        arm(requests.values.compactMap(\.deadline).min())
        arm(drainDeadline)
    }

    func giveUp(_ id: ConnectionMachine.Request, _ code: PostgresError.Code, _ reason: String) {
        let action = machine.gaveUp(id)
        guard action != .none, let request = requests.removeValue(forKey: id) else { return }
        let wasSent = action == .abandon
        if wasSent {
            health.set(.busy)
            sendCancel()
            drainDeadline = .now + Self.drainTimeout
            arm(drainDeadline)
        }
        request.finish(.failure(PostgresError(code, reason, isOutcomeUnknown: wasSent)))
        if wasSent { stopCopy() }
    }

    /// Asks the server to stop, from a thread that may block.
    func sendCancel() {
        guard let request = handle?.makeCancel() else { return }
        let ticket = CancelTicket()
        cancel = ticket
        HelperThreads.cancelling.run { [executor, weak self] in
            guard ticket.beginDelivery() else { return }
            _ = request.deliver()
            executor.post { [weak self] in self?.assumeIsolated { $0.transmit($0.deliveredCancel()) } }
        }
    }

    /// No request to stop is on its way any more.
    ///
    /// - Returns: what to send next.
    func deliveredCancel() -> ConnectionMachine.Request? {
        cancel = nil
        switch machine.cancelReturned() {
        case .proceed(_, let next):
            return proceed(to: next)
        case .keepDraining:
            cancelAgainAt = .now + Self.cancelInterval
            arm(cancelAgainAt)
            return nil
        case .none:
            return nil
        }
    }
}

extension PostgresConnection {
    /// The connection broke. What the server had said before counts: it may be the answer, or say why.
    func lost() {
        if machine.awaitsAnswer {
            leaveCopy()
            while let result = handle?.nextResult(), answer.add(result) {}
        } else {
            _ = handle?.isBusy
        }
        var error = PostgresError(
            .connectionLost, "the server closed the connection", sqlState: lastWords?.state,
            detail: handle?.errorMessage)
        error.server = lastWords
        close(error, running: answer.failure)
    }

    /// - Parameter failure: of the statement under way, when something better than the reason is known.
    func close(_ reason: PostgresError, running failure: PostgresError? = nil) {
        guard !machine.isClosed else { return }
        let lost = machine.closed()
        closeReason = reason
        health.set(.closed)
        if let token { executor.remove(token, isClosed: (handle?.socket ?? -1) < 0) }
        token = nil
        handle = nil
        var sent = failure ?? reason
        sent.isOutcomeUnknown = true
        if let id = lost.running { requests.removeValue(forKey: id)?.finish(.failure(sent)) }
        for id in lost.waiting {
            requests.removeValue(forKey: id)?.finish(.failure(reason))
        }
        resumeIdleWaiters()
        logger.debug(
            "connection to PostgreSQL closed", metadata: ["reason": "\(reason)", "pid": "\(backendPID)"])
        onClose?()
        onClose = nil
    }
}
