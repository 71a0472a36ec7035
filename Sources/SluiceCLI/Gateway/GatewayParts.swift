import FoundationEssentials
import HummingbirdSluice
import Logging
import PrometheusMetrics
import ServiceLifecycle
import Sluice
import SluiceCore
import SluiceGateway
import SluiceServer

/// Composes what passes calls on to models.
struct GatewayParts {
    /// `nil` where no upstream is configured.
    let gateway: Gateway?
    /// In the order of dependence.
    let services: [any Service]
    /// To stop first of all.
    let bell: any Service

    /// Of the time for a shutdown, this much is for settling what was cut off.
    private static let settling = Duration.seconds(3)

    /// - Parameter proxy: asks the upstreams; ended by one of ``services``.
    init(
        _ configuration: ProgramConfiguration, over sluice: Sluice, proxy: GatewayProxy, registry: PrometheusRegistry,
        logger: Logger
    ) throws(ConfigurationError) {
        let environment = ProcessInfo.processInfo.environment
        let routing = try configuration.gateway.routing(environment)
        for warning in routing.warnings {
            logger.warning("a setting looks like a mistake", metadata: ["reason": "\(warning)"])
        }
        let grace = configuration.shutdownGrace
        let drain = GatewayDrain(proxy: proxy, patience: grace - min(Self.settling, grace / 2))
        bell = drain.bell
        guard !routing.upstreams.isEmpty else {
            (gateway, services) = (nil, [drain])
            return
        }
        let desk = ModelDesk(
            proxy: proxy, settler: sluice.settler, metrics: UpstreamMetrics(factory: registry), logger: logger)
        let prices = PriceBook(source: sluice.prices)
        let triage = TriageDesk(
            model: configuration.gateway.triageModel, routing: routing, desk: desk, prices: prices,
            sources: Self.sources(sluice, configuration.policy))
        gateway = Gateway(
            routing: routing, desk: desk, prices: prices, triage: triage,
            secret: configuration.sharedSecret(environment))
        services = [prices, drain]
    }

    private static func sources(_ sluice: Sluice, _ policy: Policy) -> TriageDesk.Sources {
        TriageDesk.Sources(
            peek: { user in try await sluice.limiter.peek(user, weight: 1, under: policy) },
            history: { user in try await sluice.facts.facts(of: user, deadline: .now + .seconds(2)) },
            status: { status(of: sluice) })
    }

    /// How the service is, for a person who asks why calls fail.
    private static func status(of sluice: Sluice) -> [String] {
        let breaker =
            switch sluice.breaker.phase {
            case .closed: "closed: the database decides"
            case .open: "open: the database does not answer in time, and calls are let through as the policy says"
            case .halfOpen: "half open: the database is being tried again"
            }
        var lines = ["Circuit breaker of this replica: \(breaker)."]
        if let journal = sluice.journal {
            lines.append("Calls of this replica that wait for their rows in the ledger: \(journal.records).")
        }
        return lines
    }
}
