/// Where everything of an embedded PostgreSQL lives.
struct ClusterLayout: Equatable, Sendable {
    /// Absolute, without a slash at its end.
    let root: String

    init(root: String) {
        var path = Substring(root)
        while path.count > 1, path.last == "/" { path.removeLast() }
        self.root = String(path)
    }

    /// The data directory of PostgreSQL.
    var cluster: String { "\(root)/postgres" }
    /// Where a cluster is made before it gets its name, so that a half-made one is never started.
    var newCluster: String { "\(root)/postgres.new" }
    var logs: String { "\(root)/log" }
    var serverLog: String { "\(logs)/postgres.log" }
    /// Where `sluice up` keeps the logs of its replicas.
    var replicaLogs: String { "\(root)/replicas" }
    /// Where the replicas of this machine keep calls that wait for their rows.
    var journal: String { "\(root)/journal" }
    /// The key that `sluice up` makes.
    var serviceKey: String { "\(root)/service-key" }
    /// Held by the process that runs the server.
    var lock: String { "\(root)/owner.lock" }
    /// Is there when the roles of ``ClusterSetup`` are.
    var rolesMark: String { "\(root)/roles-made" }
    var processFile: String { "\(cluster)/postmaster.pid" }
    var socket: String { "\(socketDirectory)/.s.PGSQL.\(Self.port)" }

    /// Part of the socket's name; there is no TCP port.
    static let port = 5_432
    static let database = "sluice"
    static let role = "sluice"

    /// The path of a unix socket holds 107 bytes, and PostgreSQL splits its setting at commas: a data directory that is
    /// long or unusual gets a folder of its own, named after its hash.
    var socketDirectory: String {
        let usual = "\(root)/run"
        let isPlain = usual.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
        return isPlain && usual.utf8.count + "/.s.PGSQL.5432.lock".utf8.count <= 107 ? usual : "/tmp/sluice-\(hash)"
    }

    /// How a client on this machine reaches the database, as the accounts that ``ClusterSetup`` lets in.
    var url: String { Self.url(sockets: socketDirectory) }

    private static func url(sockets: String) -> String {
        "postgres:///\(database)?host=\(sockets)&port=\(port)&user=\(role)"
    }

    /// FNV-1a of the path: stable over restarts, which Swift's own hashing is not.
    private var hash: String {
        let value = root.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(value, radix: 16)
    }
}
