public import Hummingbird
public import HummingbirdCore

/// Answers every error that is thrown further in as `application/problem+json` (RFC 9457), Hummingbird's own included.
///
/// Add it before the middleware and routes whose errors it shall answer.
public struct ProblemDetailsMiddleware<Context: RequestContext>: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try .problem(for: error, logger: context.logger)
        }
    }
}
