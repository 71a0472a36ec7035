import Glibc
import Postgres

/// A real PgBouncer in front of a server, in transaction mode, on a unix socket.
public actor PgBouncerServer {
    private static let port = 6432

    private let folder: ScratchFolder
    private var process: ChildProcess

    private init(folder: ScratchFolder, process: ChildProcess) {
        self.folder = folder
        self.process = process
    }

    /// - Parameters:
    ///   - poolSize: connections to the server for each database and user.
    ///   - users: who is let in; `postgres` must be among them.
    public static func start(
        before server: PostgresServer, poolSize: Int = 4, maximumClients: Int = 500,
        users: [String] = TestRole.allCases.map(\.rawValue)
    ) async throws -> PgBouncerServer {
        let folder = try ScratchFolder.make()
        let file = """
            [databases]
            * = host=\(server.socketFolder) port=\(server.port)
            [pgbouncer]
            listen_addr =
            listen_port = \(port)
            unix_socket_dir = \(folder.path)
            auth_type = trust
            auth_file = \(folder.path)/users
            pool_mode = transaction
            default_pool_size = \(poolSize)
            max_client_conn = \(maximumClients)
            logfile =
            pidfile =
            """
        do {
            try folder.write(file + "\n", to: "pgbouncer.ini")
            try folder.write(users.map { "\"\($0)\" \"\"\n" }.joined(), to: "users")
            let bouncer = PgBouncerServer(folder: folder, process: try await run(in: folder))
            try await bouncer.waitUntilReady()
            return bouncer
        } catch {
            await folder.remove()
            throw error
        }
    }

    private static func run(in folder: ScratchFolder) async throws -> ChildProcess {
        let pgbouncer = try Executables.path(of: "pgbouncer", package: "pgbouncer")
        return try await ChildProcess.start(
            [pgbouncer, "\(folder.path)/pgbouncer.ini"], log: "\(folder.path)/log",
            pidFile: folder.pidFile("pgbouncer"), as: folder.account)
    }

    /// Ends it with all connections through it.
    public func stop() async {
        process.signal(SIGTERM)
        await process.waitUntilExit()
    }

    /// Starts it after ``stop()``.
    public func start() async throws {
        unlink("\(folder.path)/.s.PGSQL.\(Self.port)")
        process = try await Self.run(in: folder)
        try await waitUntilReady()
    }

    /// Lets statements under way end and new ones wait, as its `PAUSE` does.
    public func pause() { process.signal(SIGUSR1) }

    /// Ends ``pause()``.
    public func resume() { process.signal(SIGUSR2) }

    /// A connection string that goes through it.
    public nonisolated func url(database: String, user: String = "postgres") -> String {
        "host=\(folder.path) port=\(Self.port) dbname=\(database) user=\(user)"
    }

    /// Stops it and removes its files.
    public func remove() async {
        await stop()
        await folder.remove()
    }

    private func waitUntilReady() async throws {
        let configuration = try PostgresConfiguration(url: url(database: "postgres"))
        let limit = ContinuousClock.now + .seconds(30)
        while !process.hasExited, .now < limit {
            let logger = PostgresServer.logger
            if let connection = try? await PostgresConnection.connect(configuration, logger: logger) {
                await connection.close()
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw FixtureError("PgBouncer does not start:\n\(folder.tail(of: "log"))")
    }
}
