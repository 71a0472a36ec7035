import Glibc
import Postgres
import SluiceTesting
import Synchronization

/// Servers and replicas of one case.
final class FaultWorld: Sendable {
    let server: PostgresServer
    let standby: PostgresServer?
    let proxy: FaultProxy?
    let bouncer: PgBouncerServer?
    let clock: FakeClock?
    let options: [ReplicaOptions]
    /// For replicas.
    let url: String
    /// Where the replicas' journals are.
    let journal: String
    private let folder: ScratchFolder
    private let running: Mutex<[ReplicaProcess]> = Mutex([])
    private let serving: Mutex<PostgresServer>

    /// Starts servers and replicas for the time of the closure.
    nonisolated(nonsending) static func with(
        _ setup: FaultSetup, _ body: nonisolated(nonsending) (FaultWorld) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.start(setup.server)
        var world: FaultWorld?
        let result: Result<Void, any Error>
        do {
            let made = try await FaultWorld(setup, server)
            world = made
            for index in made.options.indices { try await made.start(index) }
            result = .success(try await body(made))
        } catch {
            result = .failure(error)
        }
        if let world { await world.remove() } else { await server.remove() }
        try result.get()
    }

    private init(_ setup: FaultSetup, _ server: PostgresServer) async throws {
        let folder = try ScratchFolder.make()
        self.server = server
        self.folder = folder
        serving = Mutex(server)
        try await server.administer("CREATE ROLE service LOGIN IN ROLE sluice_app")
        try await server.administer("CREATE DATABASE sluice OWNER sluice_owner")
        try await ReplicaProcess.migrate(server.url(database: "sluice", user: "migrator"))
        standby = setup.path == .standby ? try await server.startStandby() : nil
        proxy = setup.path == .proxy ? try FaultProxy(before: server, seed: FaultSettings.seed) : nil
        bouncer =
            setup.path == .bouncer ? try await .start(before: server, users: ["postgres", "service"]) : nil
        url = Self.url(server, standby, proxy, bouncer)
        clock = setup.hasFakeClock ? try FakeClock(in: folder) : nil
        journal =
            if let bytes = setup.journalDisk { try TmpFS.mount(at: "journal", in: folder, bytes: bytes) } else {
                "\(folder.path)/journal"
            }
        options = try Self.options(setup, clock, journal)
    }

    private static func url(
        _ server: PostgresServer, _ standby: PostgresServer?, _ proxy: FaultProxy?, _ bouncer: PgBouncerServer?
    ) -> String {
        if let proxy { return proxy.url(database: "sluice", user: "service") }
        if let bouncer { return bouncer.url(database: "sluice", user: "service") }
        guard let standby else { return server.url(database: "sluice", user: "service") }
        return "host=\(server.socketFolder),\(standby.socketFolder) port=\(server.port),\(standby.port) dbname=sluice "
            + "user=service target_session_attrs=read-write"
    }

    private static func options(
        _ setup: FaultSetup, _ clock: FakeClock?, _ journal: String
    ) throws -> [ReplicaOptions] {
        let settings = [
            "SLUICE_MIGRATE": "wait", "SLUICE_ADMISSION_DEADLINE_MS": "150", "SLUICE_ON_OUTAGE": "open",
            "SLUICE_JOURNAL_DIR": journal,
        ].merging(setup.settings) { _, given in given }
        return try (1...setup.replicas).map { number in
            ReplicaOptions(
                limit: setup.limit, window: setup.window, name: "replica \(number)", port: try FreePort.next(),
                clock: clock, settings: settings)
        }
    }

    // MARK: Replicas

    var ports: [Int] { options.compactMap(\.port) }

    func replica(_ index: Int) -> ReplicaProcess { running.withLock { $0[index] } }

    /// Starts a replica, or starts it again where it was.
    ///
    /// - Parameter waits: false while it has no database to be ready with.
    func start(_ index: Int, waits: Bool = true) async throws {
        var options = options[index]
        options.waitsUntilReady = waits
        let replica = try await ReplicaProcess.start(url, options)
        let old = running.withLock { running in
            guard index < running.count else {
                running.append(replica)
                return nil as ReplicaProcess?
            }
            defer { running[index] = replica }
            return running[index]
        }
        await old?.remove()
    }

    /// The value of a metric of a replica, summed over its labels; `nil` if it does not answer.
    func metric(_ name: String, of index: Int = 0) async -> Double? {
        let port = ports[index]
        let text = await OwnThread.run { PlainHTTP(port: port, patience: 5).get("/metrics")?.body }
        return text?.split(separator: "\n").reduce(into: 0) { sum, line in
            guard line.hasPrefix(name), let value = line.split(separator: " ").last.flatMap({ Double($0) }) else {
                return
            }
            sum += value
        }
    }

    /// The value of a counter, summed over its labels and the replicas that answer.
    func total(_ name: String) async -> Int {
        var sum = 0.0
        for index in options.indices { sum += await metric(name, of: index) ?? 0 }
        return Int(sum)
    }

    /// Whether every replica that runs asks the database again and has brought all that it had written down.
    func hasRecovered() async -> Bool {
        for index in options.indices {
            guard let open = await metric(#"sluice_breaker_state{state="closed"} "#, of: index) else { continue }
            guard open == 1, await metric("sluice_journal_records", of: index) == 0 else { return false }
        }
        return true
    }

    /// The journal's files that hold calls to be brought.
    var segments: [String] {
        guard let directory = opendir(journal) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".sluice-journal") { paths.append("\(journal)/\(name)") }
        }
        return paths
    }

    // MARK: The database

    /// The server that takes writes.
    var database: PostgresServer { serving.withLock { $0 } }
    var databaseURL: String { database.url(database: "sluice") }

    func failOver(to server: PostgresServer) { serving.withLock { $0 = server } }

    /// Runs statements in the replicas' database as a superuser.
    func execute(_ sql: String) async throws {
        try await withConnection(databaseURL) { try await $0.execute(sql) }
    }

    /// Whether no statement of a replica runs.
    func isQuiet() async throws -> Bool {
        try await withConnection(databaseURL) { connection in
            try await connection.query("SELECT FROM pg_stat_activity WHERE usename = 'service' AND state <> 'idle'")
                .count
                == 0
        }
    }

    /// Whether the server takes writes, after it recovers by itself.
    func isServing() async -> Bool {
        (try? await withConnection(databaseURL) { try await $0.query("CREATE TEMPORARY TABLE probe (n int)") }) != nil
    }

    private func remove() async {
        for replica in running.withLock({ $0 }) { await replica.remove() }
        await proxy?.stop()
        await bouncer?.remove()
        await standby?.remove()
        await server.remove()
        await folder.remove()
    }
}
