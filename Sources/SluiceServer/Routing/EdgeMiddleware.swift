import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import Logging
import SluiceCore

/// The outermost layer: errors become answers, and every answer gets what all have, is counted, and is logged at debug.
struct EdgeMiddleware: RouterMiddleware {
    typealias Context = ServiceContext

    let metrics: HTTPMetrics
    let headLimit: HeadLimit
    let crossOrigin: CrossOrigin

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let context = prepared(context, for: request)
        var response: Response
        do {
            try headLimit.check(request.headers)
            response = try await next(request, context)
        } catch {
            response = try Self.answer(error, to: request, context)
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID
        if context.errorShape == .anthropic { response.headers[.anthropicRequestID] = context.requestID }
        response.headers.setSecurityDefaults()
        crossOrigin.allow(request.head, in: &response.headers)
        finish(response, to: request, context: context, after: start.duration(to: .now))
        return response
    }

    private func prepared(_ context: ServiceContext, for request: Request) -> ServiceContext {
        var context = context
        if let id = request.headers.value(of: .requestID), Self.isUsable(id) {
            context.requestID = id
            context.logger[metadataKey: "request_id"] = "\(id)"
        }
        context.route = context.endpointPath.flatMap { ServiceRoute.find($0, request.method) }
        context.errorShape = .expected(by: request)
        context.credential = PresentedCredential(request.headers)
        return context
    }

    /// A path that is there, asked with another method, is not one that is not there.
    private static func answer(
        _ error: any Error, to request: Request, _ context: ServiceContext
    ) throws -> Response {
        var error = error
        if case .notFound = ServiceError(rendering: error) {
            let methods = ServiceRoute.methods(at: request.uri.path)
            if !methods.isEmpty, request.method == .options {
                return Response(status: .noContent, headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
            }
            error = methods.isEmpty ? ServiceError.notFound : ServiceError.methodNotAllowed(allowed: methods)
        }
        return try .problem(
            for: error, as: context.errorShape, requestID: context.requestID, logger: context.logger)
    }

    private func finish(_ response: Response, to request: Request, context: ServiceContext, after duration: Duration) {
        // Never the path as it was asked for: it may hold anything, a key included, and there is no end of them.
        let route = context.route?.path ?? "none"
        metrics.answered(request.method, route: route, status: response.status, after: duration)
        context.logger.debug(
            "request answered",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(response.status.code)",
                "duration_us": "\(duration.wholeMicroseconds)",
            ])
    }

    /// 1 to 128 visible ASCII characters that need no escaping anywhere.
    private static func isUsable(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            }
    }
}
