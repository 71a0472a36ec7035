import HTTPTypes
public import Hummingbird
public import HummingbirdCore
public import Logging
public import NIOCore
public import PrometheusMetrics
import ServiceLifecycle
public import SluiceCore

/// The HTTP service as one long-lived part of a program: a `Service` that runs until graceful shutdown, at which it takes
/// no new connections, says so on `/readyz`, and finishes the requests under way.
public struct SluiceApplication: ApplicationProtocol {
    public typealias Responder = RouterResponder<ServiceContext>

    private let base: Application<Responder>
    private let gate: ReadinessGate

    public var responder: Responder { base.responder }
    public var server: HTTPServerBuilder { base.server }
    public var configuration: ApplicationConfiguration { base.configuration }
    public var logger: Logger { base.logger }
    public var eventLoopGroup: any EventLoopGroup { base.eventLoopGroup }
    public func onServerRunning(_ channel: any Channel) async { await base.onServerRunning(channel) }

    init(
        router: ServiceRouter, configuration: ServiceConfiguration, gate: ReadinessGate, logger: Logger,
        onListening: @escaping @Sendable (Int?) async -> Void
    ) {
        self.gate = gate
        base = Application(
            router: router.build(),
            server: .http1(configuration: HTTP1Channel.Configuration(idleTimeout: .init(configuration.idleTimeout))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 4_096),
            onServerRunning: { channel in await onListening(channel.localAddress?.port) },
            logger: logger)
    }

    public func run() async throws {
        try await withGracefulShutdownHandler {
            try await base.run()
        } onGracefulShutdown: {
            gate.stopping()
        }
    }
}

/// Puts the HTTP service together.
///
/// - Parameters:
///   - limiter: decides; the service adds nothing to it but metrics.
///   - policy: that every user is under.
///   - registry: that `/metrics` shows, and that the service's own metrics go to.
///   - logger: requests are logged at debug, answers that are our fault at error.
///   - onListening: called once when connections are taken, with the port, which matters where 0 was configured.
public func makeApplication(
    configuration: ServiceConfiguration, limiter: any Limiter, policy: Policy, readiness: any ReadinessProbe,
    registry: PrometheusRegistry, logger: Logger, onListening: @escaping @Sendable (Int?) async -> Void = { _ in }
) -> SluiceApplication {
    let gate = ReadinessGate(probe: readiness)
    let router = ServiceRouter(
        decisions: DecisionController(
            limiter: HitCountingLimiter(limiter: limiter, metrics: HitMetrics(factory: registry)), policy: policy,
            body: BodyReader(limit: configuration.bodyLimit, timeout: configuration.bodyTimeout)),
        operations: OperationsController(gate: gate, registry: registry),
        keys: configuration.keys, metrics: HTTPMetrics(factory: registry))
    return SluiceApplication(
        router: router, configuration: configuration, gate: gate, logger: logger, onListening: onListening)
}
