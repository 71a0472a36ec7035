import Hummingbird
import HummingbirdCore
import Metrics

/// Stands before the search for credentials, so that nobody can keep it busy, and before every other path, known or not.
///
/// Those who watch over the process are let through: they must get an answer when it is under attack. So is who presents a
/// key that is known right now to be a service's, since a service's one address makes calls for thousands of users.
struct AddressMiddleware: RouterMiddleware {
    typealias Context = ServiceContext

    let limiter: AddressLimiter
    let proxies: TrustedProxies
    /// Answers at once, in a time that tells nothing about the keys.
    let isExempt: @Sendable (PresentedCredential) -> Bool
    let refusals: Counter

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        if context.route?.isWatched != true, !isExempt(context.credential) {
            do {
                try limiter.check(proxies.client(of: context.peer, headers: request.headers))
            } catch {
                refusals.increment()
                throw error
            }
        }
        return try await next(request, context)
    }
}
