/// Runs the server once, from start to end, under a small shell that outlives this process just long enough to stop it.
///
/// The shell is a ``SupervisedProcess``: when its input ends, it shuts the server down. It is the server's parent, so the
/// server never stays as a zombie, and it leads a session of its own, so that a Ctrl-C does not take the database away
/// from a replica that still finishes its calls.
struct ServerSupervisor: Sendable {
    let layout: ClusterLayout
    let account: ServerAccount
    let installation: PostgresInstallation

    /// `$1` is the log; the rest is the server's command line. The server gets neither the pipe nor our outputs.
    static let script = """
        log=$1; shift
        exec 3<&0 </dev/null
        "$@" 3<&- >>"$log" 2>&1 &
        server=$!
        trap 'kill -INT "$server"' TERM INT HUP
        { trap - TERM INT HUP; read -r _ <&3; kill -INT "$server"; sleep 60; kill -QUIT "$server"; } >/dev/null 2>&1 &
        exec 3<&-
        while :; do
            wait "$server"; status=$?
            kill -0 "$server" 2>/dev/null || break
        done
        trap : TERM
        kill -TERM 0
        exit "$status"
        """

    /// Runs the server until it ends by itself or `stop` happens.
    ///
    /// - Parameter onReady: called once, when the server takes connections.
    /// - Returns: how it ended, in words.
    func run(until stop: OneShot, onReady: @escaping @Sendable () -> Void) async throws -> String {
        let server = [layout.serverLog, "\(installation.programs)/postgres"] + settings
        let shell = SupervisedProcess(
            path: "/bin/sh", arguments: ["-c", Self.script, "sluice-postgres"] + server,
            environment: Program.environment, account: account, workingDirectory: "/")
        return try await withThrowingTaskGroup { group in
            group.addTask { await announceReadiness(onReady) }
            defer { group.cancelAll() }
            return try await shell.run(until: stop) { _ in }
        }
    }

    /// No TCP, and a socket in a folder that only the server's account and root can enter.
    private var settings: [String] {
        let values = [
            "listen_addresses": "", "port": "\(ClusterLayout.port)",
            "unix_socket_directories": layout.socketDirectory, "cluster_name": "sluice",
            "logging_collector": "off", "log_destination": "stderr", "log_line_prefix": "%m [%p] %q%u@%d ",
            "timezone": "UTC", "log_timezone": "UTC",
        ]
        return ["-D", layout.cluster] + values.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
    }

    /// The server writes its state into `postmaster.pid` and signals it to nobody but a service manager.
    private func announceReadiness(_ onReady: @Sendable () -> Void) async {
        while !Task.isCancelled {
            if ServerStatus(layout)?.isReady == true { return onReady() }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
