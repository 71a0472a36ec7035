import HummingbirdSluice
import Logging
import Metrics
import Postgres
import PrometheusMetrics
import ServiceLifecycle
import Sluice
import SluiceCore
import SluiceGateway
import SluiceIdentity
import SluiceJournal
import SluiceLedger
import SluiceServer

/// Composes a replica from a configuration: which parts there are, what each is given, in which order they stop.
struct ReplicaServices {
    typealias Part = ServiceGroupConfiguration.ServiceConfiguration

    let configuration: ProgramConfiguration
    let database: PostgresConfiguration
    let registry: PrometheusRegistry
    let logger: Logger
    /// Whether a parent holds our standard input and reads our standard output.
    let isSupervised: Bool

    /// The parts in the order of dependence; they stop in the opposite order, the HTTP service first.
    ///
    /// - Parameter databaseIsReady: what has to happen before the database is asked for the first time.
    func parts(after databaseIsReady: OneShot) throws -> [Part] {
        let log = OutageLog(logger: logger)
        let meters = JournalMeters(factory: registry, log: log)
        let sluice = try makeSluice(log: log, meters: meters)
        meters.watch(sluice, in: registry)
        let readyLine = ReadyLine(sluice)
        let proxy = GatewayProxy(logger: logger)
        let identity = IdentityParts(configuration.identity, over: sluice, proxy: proxy)
        let gateway = try GatewayParts(configuration, over: sluice, proxy: proxy, registry: registry, logger: logger)
        var parts: [Part] = [
            Part(service: OutageReporter(log: log, sluice: sluice)),
            Part(service: Deferred(start: databaseIsReady, base: OnSharedLoops(base: sluice))),
            Part(service: BreakerSwitch(breaker: sluice.breaker)),
            Part(
                service: Deferred(
                    start: databaseIsReady, base: RollupMaintenance(database: database, logger: logger))),
            Part(service: Deferred(start: databaseIsReady, base: sealing)),
        ]
        parts += (gateway.services + identity.services).map { Part(service: $0) }
        parts.append(
            Part(service: try makeApplication(over: sluice, identity, gateway.gateway, readyLine: readyLine)))
        if isSupervised {
            parts.append(Part(service: readyLine, successTerminationBehavior: .ignore))
            parts.append(Part(service: ParentWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
        }
        parts.append(Part(service: gateway.bell))
        return parts
    }

    private func makeSluice(log: OutageLog, meters: JournalMeters) throws(CommandError) -> Sluice {
        let deadline = configuration.admissionDeadline
        let path = AdmissionPath.Settings(
            batcher: BatcherSettings(
                maximumBatch: configuration.batchSize, concurrency: configuration.batchesInFlight, timeout: deadline),
            breaker: BreakerSettings(
                consecutiveFailures: configuration.breaker.failures, slowAnswer: deadline * 2 / 3,
                firstPause: configuration.breaker.pause, longestPause: configuration.breaker.maximumPause))
        // As many connections as there are transactions of admissions at once are kept ready. A call that has more time than
        // others have waits for one for longer.
        let pool = PostgresPoolSettings(
            minimumConnections: configuration.batchesInFlight, maximumConnections: configuration.poolSize,
            acquireTimeout: max(.seconds(5), deadline), name: "admission")
        let settings = SluiceConfiguration(
            database: database, policy: configuration.policy, path: path, pool: pool, schema: configuration.migration,
            partitions: configuration.partitions, replica: configuration.replica,
            journal: configuration.journal.settings,
            // The rest of the time is for the callers.
            shutdownReplay: min(.seconds(2), configuration.shutdownGrace / 4), lease: configuration.gateway.lease)
        return try configuration.journal.reportingErrors { () throws(JournalError) in
            try Sluice(
                settings, metrics: LoggedPathMetrics(metrics: AdmissionMetrics(factory: registry), log: log),
                journalMetrics: meters, settlementMetrics: TokenMetrics(factory: registry), logger: logger)
        }
    }

    private var sealing: SealMaintenance {
        SealMaintenance(database: database, closedAfter: configuration.sealAfter, logger: logger)
    }

    private func makeApplication(
        over sluice: Sluice, _ identity: IdentityParts, _ gateway: Gateway?, readyLine: ReadyLine
    ) throws -> SluiceApplication {
        let host = configuration.listenHost
        var parts = ServiceParts()
        parts.authenticator = identity.authenticator
        parts.isKnownService = { identity.authenticator.isKnownService($0) }
        parts.settler = sluice.settler
        parts.keys = identity.keys
        parts.gateway = gateway
        parts.openAPI = OpenAPIDocument.text
        return SluiceServer.makeApplication(
            configuration: try configuration.service(),
            limiter: sluice.limiter, policy: configuration.policy,
            readiness: DatabaseReadiness(
                limiter: sluice.limiter, policy: configuration.policy, schema: { sluice.schema },
                versions: { sluice.schemaVersions }, journal: { sluice.journal }),
            registry: registry, parts: parts, logger: logger
        ) { [logger] port in
            logger.notice("listening", metadata: ["host": "\(host)", "port": "\(port ?? 0)"])
            readyLine.listening(on: port)
        }
    }
}
