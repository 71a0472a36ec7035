import Hummingbird
import HummingbirdCore

/// Puts the routes, and what stands before all of them, together.
struct ServiceRouter {
    let decisions: DecisionController
    let operations: OperationsController
    let keys: ServiceKeys
    let metrics: HTTPMetrics

    func build() -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            EdgeMiddleware(metrics: metrics)
            ServiceKeyMiddleware(keys: keys)
        }
        for route in ServiceRoute.allCases {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await answer(route, request, context)
            }
        }
        return router
    }

    private func answer(_ route: ServiceRoute, _ request: Request, _ context: ServiceContext) async throws -> Response {
        switch route {
        case .admit: try await decisions.admit(request, context)
        case .peek: try await decisions.peek(request, context)
        case .window: try await decisions.window(context)
        case .health: operations.health()
        case .readiness: await operations.readiness()
        case .metrics: operations.metrics()
        }
    }
}
