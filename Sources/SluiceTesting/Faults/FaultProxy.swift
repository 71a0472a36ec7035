import Glibc
import Synchronization

/// The network between a replica and a server, on 127.0.0.1: it can be made to fail while connections are open.
///
/// One thread moves all bytes.
public final class FaultProxy: Sendable {
    /// What happens to a connection.
    public enum Mode: Hashable, Sendable {
        case pass
        /// Swallows both directions and keeps the connection. One that was swallowed is never heard of again, whatever comes
        /// after; a new one then passes.
        case blackhole
        /// Takes bytes in and delivers them when the mode changes.
        case hold
        /// Ends it with a RST, a new one too.
        case reset
        /// Ends it with a RST and listens no more.
        case refuse
        /// Bytes arrive later, in each direction by `latency` and up to `jitter` more, in their order.
        case delay(latency: Duration, jitter: Duration)
        case throttle(bytesPerSecond: Int)
    }

    /// Which connections a change is for.
    public enum Scope: Sendable {
        case all
        /// Those that are open.
        case existing
        /// Those to come.
        case new
    }

    public struct Status: Hashable, Sendable {
        /// Open ones.
        public var connections = 0
        /// Of them, those of which bytes were swallowed.
        public var lost = 0
        /// Bytes that have come in and not gone out.
        public var waitingBytes = 0
    }

    /// Of 127.0.0.1.
    public let port: Int
    private let loop: ProxyLoop

    /// Listens on a free port.
    ///
    /// - Parameters:
    ///   - socket: the path of the server's unix socket.
    ///   - seed: of the jitter.
    public init(before socket: String, seed: UInt64 = 0) throws {
        port = try FreePort.next()
        loop = try ProxyLoop(port: port, upstream: socket, seed: seed)
        OwnThread.start { [loop] in loop.run() }
    }

    /// A proxy in front of a server's unix socket.
    public convenience init(before server: PostgresServer, seed: UInt64 = 0) throws {
        try self.init(before: "\(server.socketFolder)/.s.PGSQL.\(server.port)", seed: seed)
    }

    /// A connection string of libpq that goes through it.
    public func url(database: String, user: String = "postgres") -> String {
        "host=127.0.0.1 port=\(port) dbname=\(database) user=\(user)"
    }

    /// Holds for every byte that arrives after it returns.
    public func set(_ mode: Mode, for scope: Scope = .all) async {
        await withCheckedContinuation { continuation in
            loop.submit { world in
                world.change(to: mode, for: scope)
                continuation.resume()
            }
        }
    }

    public func status() async -> Status {
        await withCheckedContinuation { continuation in
            loop.submit { continuation.resume(returning: $0.status) }
        }
    }

    /// Closes everything. To be called once, after which nothing else may be.
    public func stop() async {
        await withCheckedContinuation { continuation in
            loop.submit { world in
                world.end()
                continuation.resume()
            }
        }
    }
}
