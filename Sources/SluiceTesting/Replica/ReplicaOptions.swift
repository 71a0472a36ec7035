import Glibc

/// How a replica is started.
public struct ReplicaOptions: Sendable {
    /// Weight that each user may spend in one window.
    public var limit: Int
    /// Seconds.
    public var window: Int
    /// What the ledger calls it.
    public var name: String
    /// How far its wall clock is off, in whole seconds.
    public var clockSkew: Duration
    /// False for a replica that starts without its database: it is then not waited for.
    public var waitsUntilReady: Bool
    /// Where it listens, so that one that is started again has the same; a free one if `nil`.
    public var port: Int?
    /// Moves its wall clock while it runs; then ``clockSkew`` is not looked at.
    public var clock: FakeClock?
    /// Further variables of its environment.
    public var settings: [String: String]

    /// The admission deadline is far beyond what a busy machine needs, since what is not decided in time is not exact.
    public init(
        limit: Int = 20, window: Int = 3_600, name: String = "replica", clockSkew: Duration = .zero,
        waitsUntilReady: Bool = true, port: Int? = nil, clock: FakeClock? = nil,
        settings: [String: String] = [:]
    ) {
        self.limit = limit
        self.window = window
        self.name = name
        self.clockSkew = clockSkew
        self.waitsUntilReady = waitsUntilReady
        self.port = port
        self.clock = clock
        self.settings = ["SLUICE_ADMISSION_DEADLINE_MS": "60000", "SLUICE_LOG_LEVEL": "notice"]
            .merging(settings) { _, given in given }
    }

    /// The first line that it prints is its process id.
    ///
    /// - Parameter pidFile: where that goes too, for the watchdog.
    func command(port: Int, log: String, pidFile: String) throws(FixtureError) -> [String] {
        let script = #"log=$1; echo $$ >"$2"; shift 2; echo "pid $$"; exec "$@" 2>>"$log""#
        let wrapper = if let clock { try clock.prefix() } else { try FakeTime.prefix(clockSkew) }
        return wrapper + [
            "sh", "-c", script, "sh", log, pidFile, try Self.program(), "serve", "--supervised", "--listen-port",
            "\(port)",
        ]
    }

    /// Only what it needs is inherited, so that no setting of the person who runs the tests gets in.
    ///
    /// - Parameter folder: of this replica alone: its journal goes there unless the settings say otherwise.
    func environment(database: String, folder: String) -> [String: String] {
        var variables = ["SLUICE_JOURNAL_DIR": "\(folder)/journal"].merging(settings) { _, given in given }
        variables["DATABASE_URL"] = database
        variables["LLM_RATE_LIMIT_REQUESTS"] = "\(limit)"
        variables["LLM_RATE_LIMIT_WINDOW"] = "\(window)"
        variables["SLUICE_REPLICA"] = name
        variables["SLUICE_SERVICE_KEYS"] = ReplicaProcess.serviceKey
        for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "SLUICE_TEST_RUN"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }

    /// The program that `SLUICE_PROGRAM` names, such as a release build, or the one that was built beside the tests.
    static func program() throws(FixtureError) -> String {
        if let given = getenv("SLUICE_PROGRAM") { return String(cString: given) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = "/" + tests.split(separator: "/").dropLast().joined(separator: "/") + "/sluice"
        guard access(path, X_OK) == 0 else {
            throw FixtureError("\(path) is not there: swift build --build-tests")
        }
        return path
    }
}
