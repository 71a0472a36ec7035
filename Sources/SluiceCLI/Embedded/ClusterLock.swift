import FoundationEssentials
import Glibc

/// Held by the one process that runs the server of a data directory. The kernel lets go of it when that process ends.
final class ClusterLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``EmbeddedPostgresError`` when another process holds it.
    init(_ layout: ClusterLayout) throws(EmbeddedPostgresError) {
        // Not inherited by children: the lock must end with this process.
        descriptor = open(layout.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw EmbeddedPostgresError("\(layout.lock) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = (try? String(contentsOfFile: layout.lock, encoding: .utf8)) ?? ""
            // The deinit does not run for an object whose init throws before all is set; here all is.
            throw EmbeddedPostgresError(
                "the PostgreSQL in \(layout.root) is already run by process \(owner.isEmpty ? "unknown" : owner): to run"
                    + " a further replica on it, set DATABASE_URL='\(layout.url)'")
        }
        let text = "\(getpid())"
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit {
        close(descriptor)
    }
}
