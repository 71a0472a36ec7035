import Glibc

extension PostgresServer {
    /// A server that follows this one by streaming, for a failover. From now on a commit here waits until it has it.
    ///
    /// To be ended by ``remove()``, like any other.
    public func startStandby(_ options: Options = Options()) async throws -> PostgresServer {
        let folder = try ScratchFolder.make()
        do {
            let basebackup = try Executables.path(of: "pg_basebackup", package: "postgresql")
            try await Command.run(
                [
                    basebackup, "--pgdata=\(folder.path)/data", "--write-recovery-conf", "--checkpoint=fast",
                    "--no-sync",
                    "--host=\(socketFolder)", "--port=\(port)", "--username=postgres",
                ], as: folder.account)
            let standby = try PostgresServer(folder: folder, options: options)
            try await standby.start()
            try await reconfigure(["synchronous_standby_names": "*"])
            try await follow()
            return standby
        } catch {
            await folder.remove()
            throw error
        }
    }

    /// Waits until commits wait for the standby, of which the server gives no sign.
    private func follow() async throws {
        let limit = ContinuousClock.now + .seconds(60)
        while .now < limit {
            let synchronous = try await administer("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")
            if synchronous.count > 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw FixtureError("the standby does not follow:\n\(logTail)")
    }

    /// Makes a standby a server that takes writes.
    public func promote() async throws { try await administer("SELECT pg_promote(true, 60)") }

    /// Changes settings of the running server, those of its open sessions too.
    public func reconfigure(_ settings: [String: String]) async throws {
        for (name, value) in settings {
            try await administer("ALTER SYSTEM SET \(name) = '\(value)'")
        }
        try await administer("SELECT pg_reload_conf()")
    }

    /// The mount point of ``Options/diskBytes``.
    public nonisolated var dataFolder: String { "\(folder.path)/data" }
}
