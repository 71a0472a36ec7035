import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice

/// Lets requests through that present a service key, and those for the few routes that are open by name.
///
/// It stands before all routes, so a route that nobody thought about needs a key.
struct ServiceKeyMiddleware: RouterMiddleware {
    typealias Context = ServiceContext

    let keys: ServiceKeys

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        // Without an endpoint the answer is 404 for everyone.
        if let path = context.endpointPath, !keys.isEmpty, !ServiceRoute.isOpen(path, request.method) {
            try authenticate(request.headers[.authorization])
        }
        return try await next(request, context)
    }

    /// `Bearer`, in any case, then the key (RFC 6750, RFC 9110 section 11.1).
    private func authenticate(_ header: String?) throws(ServiceError) {
        guard let header else { throw .unauthorized(.missing) }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw .unauthorized(.missing) }
        guard keys.contains(parts[1].drop { $0 == " " }) else { throw .unauthorized(.unknown) }
    }
}
