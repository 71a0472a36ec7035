import FoundationEssentials
import Logging
import ServiceLifecycle

/// A private PostgreSQL: made on the first start, kept between starts, restarted when it dies, stopped with the program.
///
/// One process at a time runs the server of a data directory; further replicas connect to ``url``.
struct EmbeddedPostgres: Service {
    let layout: ClusterLayout
    private let account: ServerAccount
    private let installation: PostgresInstallation
    private let setup: ClusterSetup
    private let lock: ClusterLock
    private let logger: Logger
    private let onReady: @Sendable () -> Void

    /// How clients on this machine connect.
    var url: String { layout.url }

    /// Takes the data directory and makes the cluster if there is none.
    ///
    /// - Parameter onReady: called whenever the server takes connections, again after each restart.
    /// - Throws: ``EmbeddedPostgresError`` when the directory is taken or unusable, or PostgreSQL is not installed.
    init(
        dataDirectory: String, logger: Logger, onReady: @escaping @Sendable () -> Void = {}
    ) async throws(EmbeddedPostgresError) {
        layout = ClusterLayout(root: dataDirectory)
        account = try .current()
        let folders = ClusterFolders(layout: layout, account: account)
        try folders.prepare()
        lock = try ClusterLock(layout)
        setup = ClusterSetup(folders: folders, client: ServerAccount.ownName)
        let existing = setup.existingVersion
        installation = try await .find(
            for: existing, searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
        if existing == nil { try await setup.make(with: installation) }
        self.logger = logger
        self.onReady = onReady
    }

    /// Runs the server until graceful shutdown or cancellation, and returns when it has ended.
    ///
    /// - Throws: ``EmbeddedPostgresError`` when the server never takes connections. Once it has, it is started again.
    func run() async throws {
        let stop = OneShot()
        // Not a child task: cancellation must reach the server as a shutdown, not kill its supervisor.
        let supervision = Task { try await supervise(until: stop) }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await supervision.value
        } onCancelOrGracefulShutdown: {
            stop.happen()
        }
    }

    private func supervise(until stop: OneShot) async throws {
        let supervisor = ServerSupervisor(layout: layout, account: account, installation: installation)
        let leftovers = ClusterProcesses(layout: layout)
        let wasReady = OneShot()
        var backoff = RestartBackoff()
        while !stop.hasHappened {
            try await leftovers.end()
            if !wasReady.hasHappened { await ensureRoles() }
            try ServerLog(path: layout.serverLog).rotate()
            let start = ContinuousClock.now
            let end = try await supervisor.run(until: stop) {
                wasReady.happen()
                onReady()
            }
            if stop.hasHappened { break }
            guard wasReady.hasHappened else { throw doesNotStart(end) }
            let pause = backoff.ended(after: start.duration(to: .now))
            logger.error(
                "The embedded PostgreSQL ended; starting it again",
                metadata: ["status": "\(end)", "log": "\(layout.serverLog)", "pause": "\(pause)"])
            _ = await stop.wait(atMost: pause)
        }
        // The supervisor itself may have been killed.
        try await leftovers.end()
        withExtendedLifetime(lock) {}
    }

    /// The service does without them, so a cluster that has none is no reason not to start.
    private func ensureRoles() async {
        do throws(EmbeddedPostgresError) {
            try await setup.ensureRoles(with: installation)
        } catch {
            logger.warning(
                "The roles sluice_owner, sluice_app and sluice_audit could not be made", metadata: ["error": "\(error)"]
            )
        }
    }

    private func doesNotStart(_ end: String) -> EmbeddedPostgresError {
        EmbeddedPostgresError(
            "the embedded PostgreSQL does not start (\(end)); the end of \(layout.serverLog):\n"
                + ServerLog(path: layout.serverLog).tail(lines: 15))
    }
}
