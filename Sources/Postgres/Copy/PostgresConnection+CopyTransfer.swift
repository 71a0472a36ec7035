// The data of a COPY, between libpq and whoever asked for it.

extension PostgresConnection {
    /// The transfer of the statement under way, as long as somebody waits for it.
    private var transfer: CopyTransfer? { machine.running.flatMap { requests[$0]?.transfer } }

    /// The server has begun to copy.
    ///
    /// - Returns: false when the session cannot go on: nobody here has data, or wants any.
    func beginCopy(_ direction: CopyDirection?) -> Bool {
        guard let direction else { return false }
        if machine.isDraining {
            copying = direction
            if direction == .toServer { stopCopy() }
            return true
        }
        guard let transfer, transfer.direction == direction else { return false }
        copying = direction
        transfer.offer(.proceed)
        return true
    }

    /// Moves on what libpq has of the copied rows.
    ///
    /// - Returns: false when there is nothing to do until more arrives, or is asked for.
    func continueCopy() -> Bool {
        guard let handle, copying == .fromServer else { return false }
        let transfer = transfer
        if let transfer, !transfer.isAsked { return false }
        var batch: [UInt8] = []
        var hasReadOn = false
        defer { if !batch.isEmpty { transfer?.offer(.data(batch)) } }
        while batch.count < CopyTransfer.batchSize {
            switch handle.nextRow(appendingTo: &batch) {
            case .row:
                // Nobody wants the rows of an abandoned COPY.
                if transfer == nil { batch.removeAll(keepingCapacity: true) }
                hasReadOn = false
            case .none:
                if batch.isEmpty || hasReadOn || !handle.consumeInput() { return false }
                hasReadOn = true
            case .end:
                copying = nil
                return true
            }
        }
        return false
    }

    /// Nothing is read from the socket while the caller works on the rows that he has.
    var holdsBackReading: Bool {
        guard copying == .fromServer, let transfer else { return false }
        return !transfer.isAsked
    }

    /// The caller wants more rows.
    func resumeReading() {
        setReading(true)
        receive()
    }

    func writeCopy(_ id: ConnectionMachine.Request, _ bytes: [UInt8]) {
        guard let handle, machine.running == id, copying == .toServer else { return }
        guard handle.putCopyData(bytes) else { return lost() }
        flush()
    }

    /// What was written has left: the caller may bring more.
    func copyFlushed() {
        if copying == .toServer { transfer?.offer(.proceed) }
    }

    func endCopy(_ id: ConnectionMachine.Request, failing: Bool) {
        guard machine.running == id, copying == .toServer else { return }
        endData(error: failing ? "the client could not go on" : nil)
    }

    /// The COPY was abandoned: the server gets no more data, and what it sends is thrown away.
    func stopCopy() {
        switch copying {
        case .toServer:
            endData(error: "the client has given up")
        case .fromServer:
            resumeReading()
        case nil:
            break
        }
    }

    private func endData(error: String?) {
        copying = nil
        _ = handle?.endCopyData(error: error)
        flush()
    }

    /// Has the server stop, and returns when it has.
    func abandonCopy(_ id: ConnectionMachine.Request) async {
        giveUp(id, .cancelled, "the receiver failed")
        if machine.isDraining { await withCheckedContinuation { idleWaiters.append($0) } }
    }

    /// The connection broke in the middle: brings libpq to where it tells the server's last words.
    func leaveCopy() {
        switch copying {
        case .toServer:
            _ = handle?.endCopyData(error: "the connection broke")
        case .fromServer:
            var rest: [UInt8] = []
            while handle?.nextRow(appendingTo: &rest) == .row { rest.removeAll(keepingCapacity: true) }
        case nil:
            break
        }
        copying = nil
    }
}
