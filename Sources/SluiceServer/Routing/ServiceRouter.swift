import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import Metrics
import PrometheusMetrics
import SluiceCore

/// Puts the routes, and what stands before all of them, together.
struct ServiceRouter {
    /// Bodies of the largest size that are held at once.
    private static let largeBodies = 16

    private let configuration: ServiceConfiguration
    private let parts: ServiceParts
    private let registry: PrometheusRegistry
    private let decisions: DecisionController
    private let settlements: SettlementController
    private let keys: KeyController
    private let gateway: GatewayController
    private let operations: OperationsController

    init(
        configuration: ServiceConfiguration, limiter: any Limiter, policy: Policy, gate: ReadinessGate,
        registry: PrometheusRegistry, parts: ServiceParts
    ) {
        let limiter = HitCountingLimiter(limiter: limiter, metrics: HitMetrics(factory: registry))
        let body = BodyReader(limit: configuration.bodyLimit, timeout: configuration.bodyTimeout)
        self.configuration = configuration
        self.parts = parts
        self.registry = registry
        decisions = DecisionController(limiter: limiter, policy: policy, body: body)
        settlements = SettlementController(settler: parts.settler, body: body)
        keys = KeyController(administration: parts.keys, body: body, timeout: configuration.keyTimeout)
        gateway = GatewayController(
            routes: parts.gateway, gate: CallGate(limiter: limiter, policy: policy),
            body: BodyReader(limit: configuration.modelBodyLimit, timeout: configuration.modelBodyTimeout),
            budget: BodyBudget(limit: Self.largeBodies * configuration.modelBodyLimit))
        operations = OperationsController(gate: gate, registry: registry, openAPI: parts.openAPI)
    }

    func build() -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: EdgeMiddleware(
                metrics: HTTPMetrics(factory: registry), headLimit: configuration.headLimit,
                crossOrigin: configuration.crossOrigin))
        if let limiter = AddressLimiter(configuration.addressLimit) { router.add(middleware: addresses(limiter)) }
        router.add(
            middleware: AuthenticationMiddleware(
                keys: configuration.keys, authenticator: parts.authenticator, isOpenToAll: configuration.isOpenToAll))
        for route in ServiceRoute.allCases {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await answer(route, request, context)
            }
        }
        return router
    }

    private func addresses(_ limiter: AddressLimiter) -> AddressMiddleware {
        let (keys, isOpenToAll, isKnownService) = (configuration.keys, configuration.isOpenToAll, parts.isKnownService)
        return AddressMiddleware(
            limiter: limiter, proxies: configuration.trustedProxies,
            isExempt: { credential in
                switch credential {
                case .one(let text): keys.contains(text) || isKnownService(text)
                // Who needs no credential to be a service is one.
                case .none: isOpenToAll
                case .ambiguous, .unusable: false
                }
            },
            refusals: Counter(label: "sluice_address_refusals_total", dimensions: [], factory: registry))
    }

    private nonisolated(nonsending) func answer(
        _ route: ServiceRoute, _ request: Request, _ context: ServiceContext
    ) async throws -> Response {
        switch route {
        case .admit: try await decisions.admit(request, context)
        case .peek: try await decisions.peek(request, context)
        case .window: try await decisions.window(context)
        case .settle: try await settlements.settle(request, context)
        case .listKeys: try await keys.list(request)
        case .createKey: try await keys.create(request, context)
        case .revokeKey: try await keys.revoke(context)
        case .triage, .chatCompletions, .responses, .embeddings, .messages, .models, .model:
            try await gateway.handle(route, request, context)
        case .openAPI: try operations.openAPIDocument()
        case .health: operations.health()
        case .readiness: await operations.readiness()
        case .metrics: operations.metrics()
        }
    }
}
