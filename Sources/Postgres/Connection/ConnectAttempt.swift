import Glibc

/// Makes one connection, trying host after host, on a helper thread.
///
/// Why not on the event loop: libpq looks up host names, hashes passwords and reads certificates in the middle of
/// `PQconnectPoll`, which blocks. And why not libpq's own loop: it cannot end at a deadline, and without it nobody
/// honours `connect_timeout`, so that a host that is switched off would hide the ones behind it.
struct ConnectAttempt {
    let configuration: PostgresConfiguration
    let deadline: ContinuousClock.Instant

    /// Answers at the deadline or on cancellation even if the thread is stuck in a look-up; what it brings then is closed.
    static func run(
        _ configuration: PostgresConfiguration, deadline: ContinuousClock.Instant, executor: EpollExecutor
    ) async throws(PostgresError) -> PQConnectionHandle {
        let attempt = ConnectAttempt(configuration: configuration, deadline: deadline)
        let outcome = Once<Result<PQConnectionHandle, PostgresError>>()
        HelperThreads.connecting.run { outcome.offer(Result { () throws(PostgresError) in try attempt.connect() }) }
        let timer = executor.makeTimer { outcome.offer(.failure(attempt.deadlineExceeded())) }
        executor.setDeadline(timer, deadline)
        defer { executor.remove(timer) }
        return try await withTaskCancellationHandler {
            await outcome.value()
        } onCancel: {
            outcome.offer(.failure(PostgresError(.cancelled, "cancelled while connecting")))
        }.get()
    }

    private enum Outcome {
        case connected(PQConnectionHandle)
        case hostTimedOut(PostgresConfiguration?)
    }

    private func connect() throws(PostgresError) -> PQConnectionHandle {
        var remaining = configuration
        while true {
            switch try connect(remaining) {
            case .connected(let handle):
                return handle
            case .hostTimedOut(let others):
                guard let others else {
                    throw PostgresError(.connectionFailed, "no host answered within connect_timeout")
                }
                remaining = others
            }
        }
    }

    /// Goes through the hosts until one takes us or one does not answer.
    private func connect(_ configuration: PostgresConfiguration) throws(PostgresError) -> Outcome {
        let parameters = configuration.options.map { (keyword: $0.keyword, value: $0.value) }
        guard let handle = PQConnectionHandle(parameters: parameters) else {
            throw PostgresError(.connectionFailed, "out of memory")
        }
        guard !handle.isBroken else { throw failure(handle) }
        var host = handle.attempt
        var hostLimit = ContinuousClock.now + configuration.timeoutPerHost
        var step = PQConnectionHandle.ConnectStep.writing
        while true {
            switch step {
            case .reading, .writing:
                guard wait(for: step, on: handle.socket, until: min(hostLimit, deadline)) else {
                    if ContinuousClock.now >= deadline { throw deadlineExceeded() }
                    return .hostTimedOut(configuration.without(host: host.host, port: host.port))
                }
                step = handle.connectPoll()
                if host != handle.attempt {
                    host = handle.attempt
                    hostLimit = .now + configuration.timeoutPerHost
                }
            case .connected:
                guard handle.finishConnecting() else { throw failure(handle) }
                return .connected(handle)
            case .failed:
                throw failure(handle)
            }
        }
    }

    /// False when the time is over.
    private func wait(
        for step: PQConnectionHandle.ConnectStep, on socket: Int32, until limit: ContinuousClock.Instant
    ) -> Bool {
        let events = Int16(step == .reading ? POLLIN : POLLOUT)
        var descriptor = pollfd(fd: socket, events: events, revents: 0)
        while true {
            let left = (limit - .now).components
            guard left.seconds >= 0, left.attoseconds > 0 || left.seconds > 0 else { return false }
            let milliseconds = min(left.seconds, 3_600) * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1
            if poll(&descriptor, 1, Int32(milliseconds)) > 0 { return true }
        }
    }

    private func deadlineExceeded() -> PostgresError {
        PostgresError(.deadlineExceeded, "no connection before the deadline")
    }

    private func failure(_ handle: PQConnectionHandle) -> PostgresError {
        let text = handle.errorMessage
        return PostgresError(
            .connectionFailed, "no connection could be made", sqlState: Self.sqlState(in: text),
            detail: configuration.cleaned(text))
    }

    /// The last SQLSTATE in libpq's verbose text, in which it stands between the severity and the message:
    /// `FATAL:  28P01: password authentication failed`.
    static func sqlState(in text: String) -> SQLState? {
        var found: SQLState?
        for part in text.split(separator: ":  ").dropFirst() {
            let candidate = part.prefix(5)
            let isState = candidate.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            }
            if isState, candidate.count == 5, part.dropFirst(5).first == ":" { found = SQLState(String(candidate)) }
        }
        return found
    }
}

extension PostgresConfiguration {
    /// The hosts after one that does not answer; `nil` when there are none.
    func without(host: String, port: String) -> PostgresConfiguration? {
        let keyword = list(of: "host") == nil ? "hostaddr" : "host"
        guard let hosts = list(of: keyword), hosts.count > 1 else { return nil }
        let ports = list(of: "port") ?? ["5432"]
        func portOf(_ index: Int) -> String {
            let given = ports.count == 1 ? ports[0] : ports[index]
            return given.isEmpty ? "5432" : given
        }
        guard let index = hosts.indices.first(where: { hosts[$0] == host && portOf($0) == port }) else { return nil }
        func drop(_ keyword: String, from copy: PostgresConfiguration) -> PostgresConfiguration {
            guard var values = list(of: keyword), values.count > 1 else { return copy }
            values.remove(at: index)
            return copy.setting(keyword, to: values.joined(separator: ","))
        }
        return drop("port", from: drop("hostaddr", from: drop("host", from: self)))
    }
}
