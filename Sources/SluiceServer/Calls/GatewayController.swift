import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import SluiceCore

/// Passes what is about models on to who can answer it.
struct GatewayController: Sendable {
    /// `nil` without a provider to ask.
    let routes: (any GatewayRoutes)?
    let gate: CallGate
    let body: BodyReader
    let budget: BodyBudget

    func handle(_ route: ServiceRoute, _ request: Request, _ context: ServiceContext) async throws -> Response {
        guard let routes else {
            throw ServiceError.notConfigured(
                detail: "no upstream is configured: set SLUICE_OPENAI_BASE_URL or SLUICE_ANTHROPIC_BASE_URL")
        }
        let principal = try context.knownPrincipal()
        let claim = BodyClaim(budget)
        // Until its answer begins.
        defer { withExtendedLifetime(claim) {} }
        return try await routes.handle(
            RoutedRequest(
                route: route, request: request, context: context, principal: principal, gate: gate, bodyReader: body,
                bodyClaim: claim))
    }
}
