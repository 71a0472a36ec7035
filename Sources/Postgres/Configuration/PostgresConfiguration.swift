/// Where a database is and how to reach it.
///
/// Everything that libpq understands is passed through as it stands: several hosts, `target_session_attrs`, TLS by
/// `sslmode`, `sslrootcert` and the rest, `options`, a service file, the `PG…` environment variables, `~/.pgpass`.
public struct PostgresConfiguration: Sendable {
    /// The options in effect, with the defaults below.
    private(set) var options: [ConnectionString.Option]
    /// How long one host may take before the next is tried.
    let timeoutPerHost: Duration

    /// Checks a connection string.
    ///
    /// Added unless the string has them: `connect_timeout=2` (seconds, for each host), `keepalives_idle=15`,
    /// `keepalives_interval=5`, `keepalives_count=3`, `tcp_user_timeout=15000` (so that a connection to a dead machine is
    /// noticed within about half a minute), and `application_name` when neither string nor environment name one. The
    /// encoding is always UTF-8.
    ///
    /// - Parameters:
    ///   - url: `postgres://user:password@host:port,host2:port2/database?option=value` or `host=… dbname=…`.
    ///   - applicationName: what `pg_stat_activity` shows.
    /// - Throws: `.invalidConfiguration`, naming the option and what it may be; never with the password in it.
    public init(
        url: String, applicationName: String = "swift-postgres", file: StaticString = #fileID, line: UInt = #line
    ) throws(PostgresError) {
        do throws(ConnectionString.Malformed) {
            guard !url.utf8.contains(0) else { throw ConnectionString.Malformed(reason: "it contains a NUL") }
            options = try ConnectionString(parsing: url).options
            try ConnectionOptionRules.check(options)
        } catch {
            let message = "the connection string is not valid: \(error.reason)"
            throw PostgresError(.invalidConfiguration, message).at(.init(file, line))
        }
        timeoutPerHost = Self.timeout(of: options)
        addDefaults(applicationName: applicationName)
    }

    /// The database's name as the string has it; `nil` where libpq's defaults decide.
    public var database: String? { value(of: "dbname") }

    /// The user's name as the string has it; `nil` where libpq's defaults decide.
    public var user: String? { value(of: "user") }

    /// How long an attempt to connect may take over all hosts.
    var timeout: Duration { timeoutPerHost * Double(max(1, hosts.count)) }

    /// The hosts in their order, or their addresses where only those are given.
    var hosts: [String] { list(of: "host") ?? list(of: "hostaddr") ?? [""] }

    func value(of keyword: String) -> String? { options.last { $0.keyword == keyword }?.value }

    func list(of keyword: String) -> [String]? {
        value(of: keyword).map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// A copy that differs in one option.
    func setting(_ keyword: String, to value: String) -> PostgresConfiguration {
        var copy = self
        copy.options.removeAll { $0.keyword == keyword }
        copy.options.append(.init(keyword: keyword, value: value, isSecret: false))
        return copy
    }

    /// Takes the secrets out of a text of libpq's.
    func cleaned(_ text: String) -> String {
        options.filter { $0.isSecret && !$0.value.isEmpty }.reduce(text) { text, option in
            text.replacing(option.value, with: "***")
        }
    }

    private mutating func addDefaults(applicationName: String) {
        let defaults = [
            ("fallback_application_name", applicationName), ("keepalives_idle", "15"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"), ("client_encoding", "UTF8"),
        ]
        for (keyword, value) in defaults where self.value(of: keyword) == nil {
            options.append(.init(keyword: keyword, value: value, isSecret: false))
        }
    }

    private static func timeout(of options: [ConnectionString.Option]) -> Duration {
        let given = options.last { $0.keyword == "connect_timeout" }.flatMap { Int($0.value) }
        // libpq waits for ever at 0; here even that ends.
        // The default is short: an attempt that began while the network was away hears of its return only when TCP tries
        // again, each time after twice as long.
        return given.map { $0 <= 0 ? .seconds(120) : .seconds(min($0, 120)) } ?? .seconds(2)
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// The options in effect as `keyword=value`, the password masked.
    public var description: String {
        options.map { "\($0.keyword)=\($0.isSecret ? "***" : $0.value)" }.joined(separator: " ")
    }

    public var debugDescription: String { description }
}

extension PostgresConfiguration: CustomReflectable {
    /// `dump` shows no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: ["options": description]) }
}
