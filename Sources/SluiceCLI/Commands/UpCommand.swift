import ArgumentParser
import FoundationEssentials
import Logging
import ServiceLifecycle
import Sluice
import Subprocess
import UnixSignals

/// `sluice up`
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run the embedded PostgreSQL and several replicas on it, to try Sluice or to develop against it.",
        discussion: "Ctrl-C stops all of it. The data and the key are kept for the next time.")

    @Option(help: "The ports of the replicas, comma-separated; SLUICE_UP_PORTS sets them too.")
    var ports: String?

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try settings.load().configuration
            let ports = try chosenPorts()
            try ports.checkFree(host: configuration.listenHost)
            try await up(configuration, ports: ports.ports)
            return .success
        }
    }

    private func chosenPorts() throws(ConfigurationError) -> UpPorts {
        if let ports { return try UpPorts(ports, source: "--ports") }
        let variable = ProcessInfo.processInfo.environment[UpPorts.variable] ?? ""
        return try UpPorts(variable.isEmpty ? UpPorts.fallback : variable, source: UpPorts.variable)
    }

    private func up(_ configuration: ProgramConfiguration, ports: [Int]) async throws {
        let logger = Log.logger(configuration)
        let layout = ClusterLayout(root: configuration.dataDirectory)
        let databaseIsReady = OneShot()
        let (url, database) = try await database(configuration, layout, logger, onReady: databaseIsReady)
        try Folder.makeWithParents(layout.replicaLogs, mode: 0o700)
        let needsKey = configuration.serviceKeys.isEmpty && !configuration.isDev
        let key = needsKey ? try ServiceKeyFile(path: layout.serviceKey).key() : nil
        let banner = UpBanner(
            ports: ports, host: configuration.listenHost, key: key, databaseURL: SecretMask.connectionString(url),
            logs: layout.replicaLogs)
        let replicas = try ports.map { port in
            try replica(on: port, layout, embeddedURL: database.isEmpty ? nil : url, key: key)
        }
        let isUp = OneShot()
        let fleet = ReplicaFleet(replicas: replicas, start: databaseIsReady) {
            isUp.happen()
            Terminal.print(banner.text)
        }
        let reminder = Task { await remind(of: layout.replicaLogs, unless: isUp) }
        defer { reminder.cancel() }
        // The replicas come last, so they are stopped first and still have the database to finish their calls.
        try await ServiceGroup(
            services: database + [fleet], gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger
        ).run()
    }

    /// A replica that waits, for a schema that is not right or a database that is away, says so in its log only.
    private func remind(of logs: String, unless isUp: OneShot) async {
        if await !isUp.wait(atMost: .seconds(20)), !Task.isCancelled {
            Terminal.printError("sluice: the replicas still wait for the database; their logs in \(logs) say why")
        }
    }

    /// The URL for the replicas, and the embedded server when no other is configured.
    private func database(
        _ configuration: ProgramConfiguration, _ layout: ClusterLayout, _ logger: Logger, onReady: OneShot
    ) async throws -> (url: String, services: [any Service]) {
        switch configuration.database {
        case .embedded:
            Terminal.printError("sluice: starting PostgreSQL in \(layout.root)")
            let postgres = try await EmbeddedPostgres(dataDirectory: layout.root, logger: logger) { onReady.happen() }
            return (postgres.url, [postgres])
        case .url(let url):
            onReady.happen()
            return (url, [])
        }
    }

    /// The same settings as ours, from the same sources, but for what must differ. The key goes through the environment,
    /// where no other account can read it.
    private func replica(
        on port: Int, _ layout: ClusterLayout, embeddedURL: String?, key: String?
    ) throws -> Replica {
        var flags = settings.flags
        flags[.listenPort] = "\(port)"
        flags[.migrate] = flags[.migrate] ?? SchemaMode.migrate.rawValue
        flags[.replica] = "\(Machine.current(ProcessInfo.processInfo.environment).hostName):\(port)"
        if let embeddedURL { flags[.databaseURL] = embeddedURL }
        let variables: [Environment.Key: String?] = key.map { ["SLUICE_SERVICE_KEYS": $0] } ?? [:]
        let file = settings.config.map { ["--config", $0] } ?? []
        let log = "\(layout.replicaLogs)/\(port).log"
        try ServerLog(path: log).rotate()
        let arguments =
            ["serve", "--supervised"] + file
            + flags.flatMap { setting, text in
                setting.isSwitch ? ["--\(setting.flag)"] : ["--\(setting.flag)", text]
            }
        return Replica(
            port: port,
            process: SupervisedProcess(
                path: try Self.ownPath(), arguments: arguments, environment: .inherit.updating(variables), log: log))
    }

    /// This very program, also when the file was replaced by a newer build meanwhile.
    private static func ownPath() throws -> String {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }
}
