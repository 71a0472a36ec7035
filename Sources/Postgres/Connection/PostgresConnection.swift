public import Logging
import Synchronization

/// One session of a server.
///
/// Statements are sent one at a time, in the order in which they were asked for. They use no session state of their own, so a
/// pooler in transaction mode may stand in between; only where there is none are they prepared, see ``prepareWhereDirect(deadline:)``.
///
/// A caller never waits longer than its deadline, nor after its task was cancelled, whatever the server does. The statement
/// is then cancelled on the server, and the connection goes on with the next one once that has been settled; if it cannot
/// be within ``drainTimeout``, the connection is closed.
public actor PostgresConnection {
    /// How long an abandoned statement may hold up the ones behind it.
    public static let drainTimeout = Duration.seconds(2)
    /// How often the server is asked to stop a statement that goes on.
    static let cancelInterval = Duration.milliseconds(100)

    /// The server's process, as `pg_stat_activity.pid` has it; a pooler's invention behind a pooler.
    public nonisolated let backendPID: Int32
    /// Such as 150018 for 15.18.
    public nonisolated let serverVersion: Int
    /// The host that took us, as the connection string has it.
    public nonisolated let host: String
    /// Whether TLS is in use.
    public nonisolated let isEncrypted: Bool
    nonisolated let health = ConnectionHealth()

    nonisolated let executor: EpollExecutor
    private nonisolated let lastRequest = Atomic<ConnectionMachine.Request>(0)
    nonisolated let logger: Logger
    var handle: PQConnectionHandle?
    var token: EpollExecutor.Token?
    var machine = ConnectionMachine()
    var requests: [ConnectionMachine.Request: ConnectionRequest] = [:]
    /// What the statement under way has answered so far.
    var answer = ConnectionAnswer()
    /// What the server keeps for us, and what is under way of that.
    var statements = PreparedStatements()
    var statementStep: StatementStep?
    /// What libpq holds has to wait until the socket takes more.
    var isWriting = false
    /// The socket is not read, since the caller of a `COPY` is not done with what he has.
    var isHeldBack = false
    /// The server is in the middle of a `COPY`.
    var copying: CopyDirection?
    var armedDeadline: ContinuousClock.Instant?
    var drainDeadline: ContinuousClock.Instant?
    var cancel: CancelTicket?
    var cancelAgainAt: ContinuousClock.Instant?
    /// Why it is closed.
    var closeReason: PostgresError?
    /// The last words of a server that ended the session while nothing was under way.
    var lastWords: PostgresServerMessage?
    var idleWaiters: [CheckedContinuation<Void, Never>] = []
    var onClose: (@Sendable () -> Void)?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(handle: PQConnectionHandle, executor: EpollExecutor, logger: Logger) {
        self.handle = handle
        self.executor = executor
        self.logger = logger
        backendPID = handle.backendPID
        serverVersion = handle.serverVersion
        host = handle.attempt.host
        isEncrypted = handle.isEncrypted
    }

    deinit {
        // Only when it was dropped without `close`: libpq's handle closes itself.
        if let token { executor.remove(token, isClosed: (handle?.socket ?? -1) < 0) }
    }

    /// Connects.
    ///
    /// - Parameters:
    ///   - deadline: for all hosts together; by default `connect_timeout` times the number of hosts.
    ///   - executor: the loop that the connection lives on.
    ///   - logger: hears notices of the server at debug.
    /// - Throws: `.connectionFailed` (with the server's SQLSTATE if it gave one), `.deadlineExceeded`, `.cancelled`.
    public static func connect(
        _ configuration: PostgresConfiguration, deadline: ContinuousClock.Instant? = nil,
        executor: EpollExecutor = .shared, logger: Logger, file: StaticString = #fileID, line: UInt = #line
    ) async throws(PostgresError) -> PostgresConnection {
        do throws(PostgresError) {
            let limit = deadline ?? .now + configuration.timeout
            let handle = try await ConnectAttempt.run(configuration, deadline: limit, executor: executor)
            let connection = PostgresConnection(handle: handle, executor: executor, logger: logger)
            try await connection.open()
            return connection
        } catch {
            throw error.at(.init(file, line))
        }
    }

    /// Has statements that come again prepared from now on, if the session is our own: if the server's process is the one that
    /// answered when we connected, which is a pooler's invention behind a pooler.
    ///
    /// - Parameter deadline: for asking.
    public func prepareWhereDirect(deadline: ContinuousClock.Instant) async {
        let answer = try? await run(
            "SELECT pg_catalog.pg_backend_pid()", PostgresParameters(), deadline: deadline, at: .init(),
            honouringCancellation: true)
        guard let row = answer?.first, let pid = try? row.decode(Int32.self, at: 0) else { return }
        statements.isAllowed = pid == backendPID
    }

    /// Closes at once. A statement under way is cancelled on the server and fails, with the ones that wait.
    public func close() {
        if machine.awaitsAnswer, cancel == nil { sendCancel() }
        close(PostgresError(.connectionClosed, "the connection was closed"))
    }

    /// Runs any number of statements, separated by semicolons, in the simple protocol, for scripts: one implicit transaction
    /// unless the script says `BEGIN`. Results are thrown away.
    public nonisolated(nonsending) func execute(
        _ script: String, deadline: ContinuousClock.Instant? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws(PostgresError) {
        _ = try await run(script, nil, deadline: deadline, at: .init(file, line), honouringCancellation: true)
    }
}

extension PostgresConnection {
    /// What is under way of a statement that is prepared.
    enum StatementStep {
        case preparing(ConnectionMachine.Request, PreparedStatements.Key, name: String)
        case executing(ConnectionMachine.Request, PreparedStatements.Key)
    }
}

extension PostgresConnection: PostgresExecutor {
    public nonisolated(nonsending) func perform(
        _ sql: String, _ parameters: PostgresParameters, deadline: ContinuousClock.Instant?,
        at location: PostgresError.SourceLocation
    ) async throws(PostgresError) -> PostgresResult {
        try await run(sql, parameters, deadline: deadline, at: location, honouringCancellation: true)
    }

    /// Does not enter the actor but posts to its loop, and is resumed from there to wherever the caller is: one change of
    /// threads each way.
    ///
    /// - Parameter honouringCancellation: false for what must be said even when the task is over, such as `ROLLBACK`.
    nonisolated(nonsending) func run(
        _ sql: String, _ parameters: PostgresParameters?, deadline: ContinuousClock.Instant?,
        at location: PostgresError.SourceLocation, honouringCancellation: Bool
    ) async throws(PostgresError) -> PostgresResult {
        guard !honouringCancellation || !Task.isCancelled else {
            throw PostgresError(.cancelled, "cancelled before it was sent").at(location, sql: sql)
        }
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.invalidStatement, "the SQL contains a NUL").at(location)
        }
        let id = newRequest()
        let outcome =
            if honouringCancellation {
                await withTaskCancellationHandler {
                    await submit(id, sql, parameters, deadline) {
                        // The handler may have run before there was anything to cancel.
                        if Task.isCancelled { cancel(id) }
                    }
                } onCancel: {
                    cancel(id)
                }
            } else {
                await submit(id, sql, parameters, deadline) {}
            }
        switch outcome {
        case .success(let result): return PostgresResult(handle: result)
        case .failure(let error): throw error.at(location, sql: sql)
        }
    }

    private nonisolated(nonsending) func submit(
        _ id: ConnectionMachine.Request, _ sql: String, _ parameters: PostgresParameters?,
        _ deadline: ContinuousClock.Instant?, whenPosted: () -> Void
    ) async -> ConnectionRequest.Outcome {
        await withCheckedContinuation { continuation in
            let request = ConnectionRequest(
                sql: sql, parameters: parameters, deadline: deadline, waiter: .statement(continuation))
            executor.post { self.assumeIsolated { $0.submit(id, request) } }
            whenPosted()
        }
    }

    nonisolated func newRequest() -> ConnectionMachine.Request { lastRequest.add(1, ordering: .relaxed).newValue }

    nonisolated func cancel(_ id: ConnectionMachine.Request) {
        executor.post { [weak self] in
            self?.assumeIsolated { $0.giveUp(id, .cancelled, "the task was cancelled") }
        }
    }
}

extension PostgresConnection {
    /// Called once, when the connection has closed for whatever reason; at once if it has already.
    func whenClosed(_ call: @escaping @Sendable () -> Void) {
        if machine.isClosed { call() } else { onClose = call }
    }

    /// Brings the connection back into a state in which the next user can have it: waits for an abandoned statement, and
    /// rolls back an open transaction. False when that did not work; it should be closed then.
    func settle() async -> Bool {
        if machine.isDraining { await withCheckedContinuation { idleWaiters.append($0) } }
        if health.current == .inTransaction {
            _ = try? await run(
                "ROLLBACK", PostgresParameters(), deadline: .now + Self.drainTimeout, at: .init(),
                honouringCancellation: false)
        }
        return health.isClean
    }
}
