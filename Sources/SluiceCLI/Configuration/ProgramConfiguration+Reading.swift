import Logging
import Postgres
import Sluice
import SluiceCore
import SluiceJournal

extension ProgramConfiguration {
    /// - Throws: ``ConfigurationError`` with every setting that is wrong.
    init(_ values: SettingValues, machine: Machine) throws(ConfigurationError) {
        var reader = SettingReader(values)
        database = reader.database()
        (listenHost, listenPort) = (reader.host(), Int(reader.integer(.listenPort, 0...65_535, default: 8_080)))
        policy = try reader.policy()
        serviceKeys = reader.serviceKeys()
        isDev = reader.boolean(.dev, default: false)
        identity = reader.identity(on: machine)
        edge = reader.edge()
        gateway = reader.gateway()
        admissionDeadline = reader.milliseconds(.admissionDeadline, 1...60_000, default: 150)
        breaker = reader.breaker()
        poolSize = Int(reader.integer(.poolSize, 1...100, default: 8))
        (batchSize, batchesInFlight) = reader.batches(poolSize: poolSize)
        migration = reader.choice(.migrate, default: database == .embedded ? .migrate : .wait)
        partitions = reader.partitions(policy: policy, on: machine)
        sealAfter = .seconds(3_600 * reader.integer(.sealAfter, 1...8_784, default: 26))
        replica = reader.replica(default: "\(machine.hostName):\(listenPort)")
        dataDirectory = reader.dataDirectory(on: machine)
        journal = reader.journal(in: dataDirectory, on: machine)
        shutdownGrace = reader.milliseconds(.shutdownGrace, 0...600_000, default: 10_000)
        logLevel = reader.choice(.logLevel, default: .info)
        logFormat = reader.choice(.logFormat, default: .json)
        if isDev && !Self.isLoopback(listenHost) {
            reader.reject(
                .dev, "lets every caller in, but \(listenHost) is no loopback address: set SLUICE_SERVICE_KEYS instead")
        }
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// What `serve` needs beyond a valid configuration.
    ///
    /// - Throws: ``ConfigurationError`` when nobody could be let in.
    func checkCallers() throws(ConfigurationError) {
        guard serviceKeys.isEmpty, identity.secret == nil, identity.keySet == nil, !isDev else { return }
        let reason =
            "no key is configured, so no caller could be let in: set one of 32 characters or more"
            + " (`openssl rand -hex 32` makes one), or \(Setting.jwtSecret.variable) or \(Setting.jwksURL.variable) for"
            + " tokens, or start with --dev to let everyone in"
        throw ConfigurationError(problems: [
            ConfigurationProblem(
                key: Setting.serviceKeys.variable, value: nil, source: SettingSource.fallback.label, reason: reason)
        ])
    }
}

extension SettingReader {
    fileprivate mutating func database() -> ProgramConfiguration.Database {
        parse(.databaseURL, default: .embedded) { text throws(Rejection) in
            do throws(PostgresError) {
                _ = try PostgresConfiguration(url: text)
            } catch {
                throw Rejection("\(error.message); use postgres://user@host:5432/database or host=… dbname=…")
            }
            return .url(text)
        }
    }

    fileprivate mutating func host() -> String {
        text(.listenHost, default: "127.0.0.1", allowed: "an address or a host name without a port") { text in
            text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.contains("/")
                // One colon is host:port, two or more are IPv6.
                && text.count(where: { $0 == ":" }) != 1
        }
    }

    /// The ranges are the model's: it alone says what a window may be.
    fileprivate mutating func policy() throws(ConfigurationError) -> Policy {
        let limit = integer(.limitRequests, 0...Window.maximumLimit, default: 20)
        let seconds = integer(.limitWindow, 1...Window.maximumLength.components.seconds, default: 3_600)
        let onOutage: OutageBehavior = choice(.onOutage, default: .open)
        do throws(PolicyError) {
            return try .standard(limit: limit, length: .seconds(seconds), onOutage: onOutage)
        } catch {
            reject(.limitRequests, "\(error)")
            throw ConfigurationError(problems: problems)
        }
    }

    fileprivate mutating func breaker() -> ProgramConfiguration.Breaker {
        let failures = Int(integer(.breakerFailures, 1...1_000, default: 3))
        let pause = milliseconds(.breakerPause, 1...3_600_000, default: 250)
        let maximum = milliseconds(.breakerPauseMaximum, 1...3_600_000, default: 15_000)
        if maximum < pause {
            reject(.breakerPauseMaximum, "is shorter than the first pause, \(Setting.breakerPause.variable)")
        }
        return ProgramConfiguration.Breaker(failures: failures, pause: pause, maximumPause: maximum)
    }

    /// More transactions at once than connections would only wait for each other.
    fileprivate mutating func batches(poolSize: Int) -> (size: Int, inFlight: Int) {
        let size = Int(integer(.batchSize, 1...4_096, default: 256))
        let inFlight = Int(integer(.batchesInFlight, 1...16, default: Int64(min(2, poolSize))))
        if inFlight > poolSize {
            reject(.batchesInFlight, "is above \(Setting.poolSize.variable), which is \(poolSize)")
        }
        return (size, inFlight)
    }

    fileprivate mutating func replica(default fallback: String) -> String {
        text(.replica, default: fallback, allowed: "1 to 128 printable ASCII characters") { text in
            (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        }
    }

    fileprivate mutating func dataDirectory(on machine: Machine) -> String {
        let fallback = machine.defaultDataDirectory
        if values[.dataDirectory] == nil, fallback == nil {
            reject(.dataDirectory, "has no default without HOME: set it to a folder")
        }
        return folder(.dataDirectory, default: fallback ?? "/", on: machine)
    }

    mutating func folder(_ setting: Setting, default fallback: String, on machine: Machine) -> String {
        parse(setting, default: fallback) { text throws(Rejection) in
            guard !text.utf8.contains(0), !text.contains("\n"), !text.allSatisfy(\.isWhitespace) else {
                throw Rejection("is no usable path")
            }
            return machine.absolute(text)
        }
    }

    fileprivate mutating func journal(
        in dataDirectory: String, on machine: Machine
    ) -> ProgramConfiguration.JournalChoice {
        ProgramConfiguration.JournalChoice(
            directory: folder(
                .journalDirectory, default: ClusterLayout(root: dataDirectory).journal, on: machine),
            sync: choice(.journalSync, default: .fsync),
            maximumBytes: integer(.journalMaximum, 1 << 20...1 << 40, default: 1 << 30),
            whenFull: choice(.journalFull, default: .admit),
            replayPercent: Int(integer(.journalReplayShare, 1...100, default: 20)))
    }

    fileprivate mutating func serviceKeys() -> [String] {
        parse(.serviceKeys, default: []) { text throws(Rejection) in
            let keys = Self.items(text)
            for (index, key) in keys.enumerated() { try Self.check(key, "key \(index + 1) of \(keys.count)") }
            guard Set(keys).count == keys.count else { throw Rejection("holds one key twice: make the keys distinct") }
            return keys
        }
    }

    /// The parts of a comma-separated text, without the spaces around them.
    static func items(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Never quotes the key.
    private static func check(_ key: String, _ name: String) throws(Rejection) {
        guard key.utf8.count >= 32 else {
            throw Rejection(
                "\(name) is \(key.utf8.count) characters long: use 32 or more, as `openssl rand -hex 32` makes")
        }
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Rejection("\(name) holds a character that a header cannot: use printable ASCII without spaces")
        }
    }
}
