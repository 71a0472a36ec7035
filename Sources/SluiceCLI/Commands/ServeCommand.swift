import ArgumentParser
import Logging
import Metrics
import PrometheusMetrics
import ServiceLifecycle
import SluiceServer
import UnixSignals

/// `sluice serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a replica: the HTTP service.",
        discussion:
            "Without DATABASE_URL it runs an embedded PostgreSQL. SIGTERM and Ctrl-C finish the calls under way. SIGUSR1 has"
            + " the database no longer asked, SIGUSR2 has it asked whatever happens; the same signal again ends that.")

    @Flag(
        help: .init("Be a child of `sluice up`: end with standard input, print a line when ready.", visibility: .hidden)
    )
    var supervised = false

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let loaded = try settings.load()
            try loaded.configuration.checkCallers()
            try PortOwner.checkFree(
                loaded.configuration.listenPort, host: loaded.configuration.listenHost,
                otherwise: "choose another one by \(Setting.listenPort.variable)")
            let logger = Log.logger(loaded.configuration)
            for warning in loaded.warnings {
                logger.warning("a setting looks like a mistake", metadata: ["reason": "\(warning)"])
            }
            try await serve(loaded.configuration, logger)
            return .success
        }
    }

    private func serve(_ configuration: ProgramConfiguration, _ logger: Logger) async throws {
        let registry = PrometheusRegistry(configuration: .sluice)
        MetricsSystem.bootstrap(registry)
        let databaseIsReady = OneShot()
        let (url, embedded) = try await database(configuration, logger, onReady: databaseIsReady)
        let replica = ReplicaServices(
            configuration: configuration, database: try ProgramConfiguration.postgres(url), registry: registry,
            logger: logger, isSupervised: supervised)
        var group = ServiceGroupConfiguration(
            services: try embedded + replica.parts(after: databaseIsReady),
            gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.shutdownGrace
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as EmbeddedPostgresError {
            throw error
        } catch {
            // Such as an address that is not this machine's, or a port that takes privileges.
            throw CommandError(.unavailable, "the service ended: \(error)")
        }
    }

    /// The URL, and the embedded server as a part when no other is configured.
    private func database(
        _ configuration: ProgramConfiguration, _ logger: Logger, onReady: OneShot
    ) async throws -> (url: String, parts: [ReplicaServices.Part]) {
        switch configuration.database {
        case .url(let url):
            onReady.happen()
            return (url, [])
        case .embedded:
            let url = ClusterLayout(root: configuration.dataDirectory).url
            let postgres = try await EmbeddedPostgres(dataDirectory: configuration.dataDirectory, logger: logger) {
                logger.notice("the embedded PostgreSQL takes connections", metadata: ["url": "\(url)"])
                onReady.happen()
            }
            return (postgres.url, [ReplicaServices.Part(service: postgres)])
        }
    }
}
