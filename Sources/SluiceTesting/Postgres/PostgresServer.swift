import Glibc
import Logging
public import Postgres

/// A real PostgreSQL for tests: a private cluster on a unix socket in a temporary folder.
///
/// It is gone when the tests end, also when they are killed. Under root it runs as `postgres` or `nobody`. Nothing here
/// blocks a thread of Swift's pool.
public actor PostgresServer {
    /// What a server is started with.
    public struct Options: Sendable {
        /// Also listen on 127.0.0.1, on a free port.
        public var listensOnTCP: Bool
        /// Off by default: tests do not pull the plug.
        public var fsync: Bool
        /// Settings of `postgresql.conf`.
        public var settings: [String: String]
        /// Keeps its data on a file system of its own of so many bytes, for a disk that gets full. Needs ``TmpFS/isAvailable``.
        public var diskBytes: Int?

        public init(
            listensOnTCP: Bool = false, fsync: Bool = false, settings: [String: String] = [:], diskBytes: Int? = nil
        ) {
            self.listensOnTCP = listensOnTCP
            self.fsync = fsync
            self.settings = settings
            self.diskBytes = diskBytes
        }
    }

    /// How to stop.
    public enum Shutdown: Sendable {
        /// Sessions are ended, open transactions rolled back (SIGINT).
        case fast
        /// As a crash, with recovery at the next start (SIGQUIT).
        case immediate
    }

    private static let sharing = Task { try await PostgresServer.start() }

    /// The folder of the unix socket.
    public nonisolated let socketFolder: String
    /// Of the socket, and of 127.0.0.1 if it listens there.
    public nonisolated let port: Int
    nonisolated let folder: ScratchFolder
    private var options: Options
    private var process: ChildProcess?
    private var admin: PostgresConnection?
    private var templates: [String: Task<String, any Error>] = [:]
    private var lastDatabase = 0

    init(folder: ScratchFolder, options: Options) throws {
        self.folder = folder
        self.options = options
        socketFolder = folder.path
        port = options.listensOnTCP ? try FreePort.next() : 5432
    }

    /// The one that all tests of the process may use at the same time, each with a database of its own. Made when first
    /// asked for.
    public static func shared() async throws -> PostgresServer { try await sharing.value }

    /// A server of one's own, to be ended by ``remove()``.
    public static func start(_ options: Options = Options()) async throws -> PostgresServer {
        let folder = try ScratchFolder.make()
        do {
            if let bytes = options.diskBytes { try TmpFS.mount(at: "data", in: folder, bytes: bytes) }
            try await ClusterTemplate.shared.copy(to: folder)
            let server = try PostgresServer(folder: folder, options: options)
            try await server.start()
            return server
        } catch {
            await folder.remove()
            throw error
        }
    }

    /// A server of one's own for the time of the closure.
    public nonisolated(nonsending) static func with<Value>(
        _ options: Options = Options(), _ body: nonisolated(nonsending) (PostgresServer) async throws -> Value
    ) async throws -> Value {
        let server = try await start(options)
        do {
            let value = try await body(server)
            await server.remove()
            return value
        } catch {
            await server.remove()
            throw error
        }
    }

    /// A connection string for the socket, or for 127.0.0.1.
    ///
    /// - Parameter user: a superuser unless told otherwise; see ``TestRole``.
    public nonisolated func url(
        database: String = "postgres", user: String = "postgres", overTCP: Bool = false, _ more: String = ""
    ) -> String {
        let host = overTCP ? "127.0.0.1" : socketFolder
        return "host=\(host) port=\(port) dbname=\(database) user=\(user)" + (more.isEmpty ? "" : " \(more)")
    }

    // MARK: Running

    /// Starts it again after a stop or a kill, and waits until it takes connections.
    public func start() async throws {
        guard process?.hasExited ?? true else { return }
        // After a kill these name processes that are no more, or are someone else's.
        unlink("\(folder.path)/data/postmaster.pid")
        unlink("\(folder.path)/.s.PGSQL.\(port).lock")
        let postgres = try Executables.path(of: "postgres", package: "postgresql")
        let process = try await ChildProcess.start(
            [postgres, "-D", "\(folder.path)/data"] + arguments, log: "\(folder.path)/log",
            pidFile: folder.pidFile("postgres"), as: folder.account)
        self.process = process
        try await waitUntilReady(process)
    }

    /// Stops it and waits for its end.
    public func stop(_ shutdown: Shutdown = .fast) async {
        await forgetAdministrator()
        process?.signal(shutdown == .fast ? SIGINT : SIGQUIT)
        await process?.waitUntilExit()
    }

    /// Whether it has ended by itself, or was ended.
    public var hasEnded: Bool { process?.hasExited ?? true }

    /// Stops it and starts it again.
    public func restart(_ shutdown: Shutdown = .fast) async throws {
        await stop(shutdown)
        try await start()
    }

    /// Changes settings from the next start on.
    public func change(_ settings: [String: String]) {
        options.settings.merge(settings) { _, new in new }
    }

    /// `kill -9` of the server and of all its sessions.
    public func kill() async {
        guard let process else { return }
        await forgetAdministrator()
        let sessions = process.children
        process.signal(SIGKILL)
        for session in sessions { Glibc.kill(session, SIGKILL) }
        await process.waitUntilExit()
    }

    /// Stops the clock for the server and all its sessions: connections stay open, nothing answers.
    public func suspend() {
        guard let process else { return }
        process.signal(SIGSTOP)
        for session in process.children { Glibc.kill(session, SIGSTOP) }
    }

    /// Ends `suspend`.
    public func resume() {
        guard let process else { return }
        for session in process.children { Glibc.kill(session, SIGCONT) }
        process.signal(SIGCONT)
    }

    /// Stops it and removes its files.
    public func remove() async {
        resume()
        await stop(.immediate)
        await folder.remove()
    }

    /// The end of its log, for failure messages.
    public nonisolated var logTail: String { folder.tail(of: "log") }

    private var arguments: [String] {
        var settings = [
            "listen_addresses": options.listensOnTCP ? "127.0.0.1" : "", "port": "\(port)",
            "unix_socket_directories": folder.path, "max_connections": "500", "shared_buffers": "64MB",
            "fsync": options.fsync ? "on" : "off", "full_page_writes": options.fsync ? "on" : "off",
        ]
        settings.merge(options.settings) { _, given in given }
        return settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }

    /// A starting server gives no sign but its answers, so it is asked until it does.
    private func waitUntilReady(_ process: ChildProcess) async throws {
        let configuration = try PostgresConfiguration(url: url())
        let limit = ContinuousClock.now + .seconds(60)
        while !process.hasExited, .now < limit {
            if let connection = try? await PostgresConnection.connect(configuration, logger: Self.logger) {
                await connection.close()
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw FixtureError("PostgreSQL does not start:\n\(logTail)")
    }

    static let logger = Logger(label: "postgres-fixture") { _ in SwiftLogNoOpLogHandler() }
}

// MARK: - Databases

extension PostgresServer {
    /// Runs a statement in the database `postgres`, as a superuser.
    @discardableResult
    public func administer(_ sql: String, _ values: [any PostgresEncodable] = []) async throws -> PostgresResult {
        try await administrator().query(sql, values)
    }

    /// Makes a new database, which belongs to `sluice_owner`, and returns its name.
    ///
    /// - Parameter template: an existing database that nobody is connected to.
    public func createDatabase(from template: String = "template1") async throws -> String {
        lastDatabase += 1
        let name = "test_\(lastDatabase)"
        try await administer("CREATE DATABASE \(name) TEMPLATE \(template) OWNER sluice_owner")
        return name
    }

    /// Drops a database, ending the sessions in it.
    public func dropDatabase(_ name: String) async throws {
        try await administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    /// A database prepared once, such as by migrations, to make others from.
    ///
    /// - Parameters:
    ///   - key: the same key gives the same database.
    ///   - role: what the connection string is for.
    ///   - prepare: gets the connection string; must close its connections.
    /// - Returns: the database's name, for ``withDatabase(from:_:)``.
    public func template(
        _ key: String, as role: TestRole = .superuser, prepare: @escaping @Sendable (_ url: String) async throws -> Void
    ) async throws -> String {
        let making =
            templates[key]
            ?? Task {
                let name = try await createDatabase()
                try await prepare(url(database: name, user: role.rawValue))
                // A session that was closed a moment ago may not have left yet, and a template must have none.
                try await administer(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", [name])
                return name
            }
        templates[key] = making
        return try await making.value
    }

    /// A new database for the time of the closure, which gets its connection string.
    ///
    /// - Parameter role: what the connection string is for.
    public nonisolated(nonsending) func withDatabase<Value>(
        from template: String = "template1", as role: TestRole = .superuser,
        _ body: nonisolated(nonsending) (_ url: String) async throws -> Value
    ) async throws -> Value {
        let name = try await createDatabase(from: template)
        do {
            let value = try await body(url(database: name, user: role.rawValue))
            try await dropDatabase(name)
            return value
        } catch {
            try? await dropDatabase(name)
            throw error
        }
    }

    private func forgetAdministrator() async {
        let connection = admin
        admin = nil
        await connection?.close()
    }

    private func administrator() async throws -> PostgresConnection {
        if let admin { return admin }
        let configuration = try PostgresConfiguration(url: url())
        let connection = try await PostgresConnection.connect(configuration, logger: Self.logger)
        // Another caller may have been as quick.
        if let admin {
            await connection.close()
            return admin
        }
        admin = connection
        return connection
    }
}
