public import HTTPTypes
public import Hummingbird
public import HummingbirdCore

extension ServiceError: HTTPResponseError {
    public var status: HTTPResponse.Status {
        switch self {
        case .invalid: .badRequest
        case .unauthorized: .unauthorized
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .requestTimeout: .requestTimeout
        case .contentTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .tooManyRequests: .tooManyRequests
        case .unavailable, .unrecorded: .serviceUnavailable
        case .status(let status, _): status
        case .failed: .internalServerError
        }
    }

    public func response(from request: Request, context: some RequestContext) -> Response {
        response()
    }

    /// The error as `application/problem+json` (RFC 9457), with the header fields that belong to it.
    public func response() -> Response {
        var json = JSONWriter()
        json.object { json in
            json.member("type", type)
            json.member("title", title)
            json.member("status", Int64(status.code))
            if let detail { json.member("detail", detail) }
            writeMembers(to: &json)
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: json.buffer))
    }

    private var headers: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "application/problem+json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        switch self {
        case .unauthorized(.missing), .unauthorized(.noUser):
            headers[.wwwAuthenticate] = "Bearer realm=\"sluice\""
        case .unauthorized(.unknown):
            headers[.wwwAuthenticate] = "Bearer realm=\"sluice\", error=\"invalid_token\""
        case .methodNotAllowed(let allowed):
            headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        case .unsupportedMediaType:
            headers[.accept] = "application/json"
        case .tooManyRequests(let quota, let retryAfter):
            if let quota { headers.setRateLimit(quota.windows, at: quota.decidedAt) }
            if quota?.neverFits == true { headers[.shouldRetry] = "false" }
            if let retryAfter { headers.setRetry(after: retryAfter) }
        case .unavailable(let retryAfter), .unrecorded(let retryAfter):
            if let retryAfter { headers.setRetry(after: retryAfter) }
        case .invalid, .notFound, .requestTimeout, .contentTooLarge, .status, .failed:
            break
        }
        return headers
    }
}
