import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import SluiceCore

/// Finds out who asks, and lets them through to the routes that their role may use.
///
/// It stands before all routes, so that one that nobody thought about is open to nobody.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ServiceContext

    let keys: ServiceKeys
    /// Asked about what is none of the static keys; `nil` knows nobody.
    let authenticator: (any Authenticator)?
    /// Whether nobody needs a credential; one that is presented counts nonetheless.
    let isOpenToAll: Bool

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        // What is no route of ours is there for nobody.
        guard let route = context.route else { throw ServiceError.notFound }
        if case .open = route.access { return try await next(request, context) }
        let principal = try await principal(context.credential)
        try route.admit(principal)
        var context = context
        context.principal = principal
        return try await next(request, context)
    }

    private nonisolated(nonsending) func principal(
        _ credential: PresentedCredential
    ) async throws(ServiceError) -> Principal {
        switch credential {
        case .none where isOpenToAll: return Principal(user: nil, role: .service, credential: .none)
        case .none, .unusable: throw .unauthorized(.missing)
        case .ambiguous: throw .unauthorized(.ambiguous)
        case .one(let text):
            if keys.contains(text) { return Principal(user: nil, role: .service, credential: .serviceKey) }
            switch await authenticator?.authenticate(text) ?? .rejected(.unknown) {
            case .known(let principal): return principal
            case .rejected(let rejection): throw .unauthorized(.rejected(rejection))
            case .unavailable(let retryAfter): throw .unidentified(retryAfter: retryAfter)
            }
        }
    }
}
