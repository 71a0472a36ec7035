import FoundationEssentials
import Glibc

/// The server processes of a data directory that nobody supervises any more.
///
/// They are what is left when a supervisor was killed. A new server must not start beside them: two servers on one
/// directory destroy it, which is why `postmaster.pid` is removed only when no such process is left.
struct ClusterProcesses: Sendable {
    let layout: ClusterLayout

    /// Every live process of the server: each has the data directory as its working directory. Zombies have none.
    func all() -> [pid_t] {
        guard let cluster = realPath(layout.cluster),
            let entries = try? FileManager.default.contentsOfDirectory(atPath: "/proc")
        else { return [] }
        return entries.compactMap { pid_t($0) }.filter { process in
            realPath("/proc/\(process)/cwd") == cluster && name(of: process).hasPrefix("postgres")
        }
    }

    /// The process named in `postmaster.pid`.
    var recorded: pid_t? {
        ServerStatus(layout)?.process
    }

    /// Ends what is left, gently at first, and clears the way for a start.
    ///
    /// - Throws: ``EmbeddedPostgresError`` when processes do not end.
    func end() async throws(EmbeddedPostgresError) {
        for (signal, patience) in [(SIGINT, 60), (SIGQUIT, 15), (SIGKILL, 5)] as [(Int32, Int)] {
            let remaining = all()
            if remaining.isEmpty { break }
            // A postmaster passes a fast shutdown on to its children; children without one get an immediate one.
            let postmaster = recorded.flatMap { remaining.contains($0) ? $0 : nil }
            for process in postmaster.map({ [$0] }) ?? remaining {
                kill(process, postmaster == nil && signal == SIGINT ? SIGQUIT : signal)
            }
            await waitUntilGone(.seconds(patience))
        }
        let survivors = all()
        guard survivors.isEmpty else {
            throw EmbeddedPostgresError("server processes of \(layout.cluster) do not end: \(survivors)")
        }
        removeStaleFiles()
    }

    /// PostgreSQL clears its own stale files unless the number in them is somebody's: of another program that got it
    /// since, or of a zombie that nobody reaps. Nothing of ours is alive here, so the files are stale either way.
    private func removeStaleFiles() {
        unlink(layout.processFile)
        unlink(layout.socket)
        unlink("\(layout.socket).lock")
    }

    /// Nothing signals the end of a process that is not our child.
    private func waitUntilGone(_ patience: Duration) async {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline, !all().isEmpty {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }

    private func name(of process: pid_t) -> String {
        (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? ""
    }

    private func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
