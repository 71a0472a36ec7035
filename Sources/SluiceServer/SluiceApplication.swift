import HTTPTypes
public import Hummingbird
public import HummingbirdCore
public import Logging
public import NIOCore
package import PrometheusMetrics
import ServiceLifecycle
package import SluiceCore

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
            server: HTTPServerBuilder { responder in
                LoopBoundChannel(base: HTTP1Channel(responder: responder, configuration: .init(configuration)))
            },
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

extension HTTP1Channel.Configuration {
    fileprivate init(_ configuration: ServiceConfiguration) {
        let head = configuration.headLimit
        let patience = TimeAmount(configuration.modelBodyTimeout)
        self.init(
            additionalChannelHandlers: [HangUpHandler(), LateBodyHandler.Installer(patience: patience)],
            idleTimeout: .init(configuration.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: head.bytesRead, maxHeaderListSize: head.bytesRead,
                maxHeaderFieldCount: head.fieldsRead))
    }
}

/// Puts the HTTP service together.
///
/// - Parameters:
///   - limiter: decides; the service adds nothing to it but metrics.
///   - policy: that every user is under.
///   - registry: that `/metrics` shows, and that the service's own metrics go to.
///   - parts: what it can do beyond deciding.
///   - logger: requests are logged at debug, answers that are our fault at error.
///   - onListening: called once when connections are taken, with the port, which matters where 0 was configured.
package func makeApplication(
    configuration: ServiceConfiguration, limiter: any Limiter, policy: Policy, readiness: any ReadinessProbe,
    registry: PrometheusRegistry, parts: ServiceParts = ServiceParts(), logger: Logger,
    onListening: @escaping @Sendable (Int?) async -> Void = { _ in }
) -> SluiceApplication {
    let gate = ReadinessGate(probe: readiness)
    let router = ServiceRouter(
        configuration: configuration, limiter: limiter, policy: policy, gate: gate, registry: registry, parts: parts)
    return SluiceApplication(
        router: router, configuration: configuration, gate: gate, logger: logger, onListening: onListening)
}
