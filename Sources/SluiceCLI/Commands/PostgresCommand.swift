import ArgumentParser
import ServiceLifecycle
import UnixSignals

/// `sluice postgres`
struct PostgresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres",
        abstract: "Run the embedded PostgreSQL alone, for replicas and tools that connect to it by its URL.",
        discussion: "Prints `ready URL` whenever the server takes connections. Ctrl-C stops it.")

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try settings.load().configuration
            let logger = Log.logger(configuration)
            let url = ClusterLayout(root: configuration.dataDirectory).url
            let postgres = try await EmbeddedPostgres(dataDirectory: configuration.dataDirectory, logger: logger) {
                Terminal.print("ready \(url)")
            }
            try await ServiceGroup(
                services: [postgres], gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger
            ).run()
            return .success
        }
    }
}
