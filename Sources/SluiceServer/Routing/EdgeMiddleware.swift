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

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        if let id = request.headers[.requestID], Self.isUsable(id) {
            context.requestID = id
            context.logger[metadataKey: "request_id"] = "\(id)"
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try Self.answer(error, to: request, logger: context.logger)
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.requestID] = context.requestID
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        finish(response, to: request, context: context, after: start.duration(to: .now))
        return response
    }

    /// A path that is there, asked with another method, is not one that is not there.
    private static func answer(_ error: any Error, to request: Request, logger: Logger) throws -> Response {
        guard case .notFound = ServiceError(rendering: error) else { return try .problem(for: error, logger: logger) }
        let methods = ServiceRoute.methods(at: request.uri.path)
        if methods.isEmpty { return ServiceError.notFound.response() }
        if request.method != .options { return ServiceError.methodNotAllowed(allowed: methods).response() }
        return Response(status: .noContent, headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
    }

    private func finish(_ response: Response, to request: Request, context: ServiceContext, after duration: Duration) {
        // Never the path as it was asked for: it may hold anything, a key included, and there is no end of them.
        let route = context.endpointPath.flatMap { $0 == "NotFound" ? nil : $0 } ?? "none"
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
