public import HTTPTypes
public import Hummingbird
public import HummingbirdCore

extension ServiceError: HTTPResponseError {
    public var status: HTTPResponse.Status {
        switch self {
        case .invalid, .unauthorized(.ambiguous): .badRequest
        case .unauthorized: .unauthorized
        case .forbidden, .foreignUser, .noUser: .forbidden
        case .notFound, .unknownModel: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .requestTimeout: .requestTimeout
        case .contentTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .tooManyRequests: .tooManyRequests
        case .unavailable, .unrecorded, .unidentified, .notConfigured: .serviceUnavailable
        case .status(let status, _): status
        case .failed: .internalServerError
        }
    }

    public func response(from request: Request, context: some RequestContext) -> Response {
        response()
    }

    /// The error as `application/problem+json` (RFC 9457), with the header fields that belong to it.
    public func response() -> Response {
        response(as: .problem)
    }

    /// The error in the form that a client expects, with the header fields that belong to it.
    ///
    /// - Parameter requestID: for the one shape whose body names it.
    package func response(as shape: ErrorShape, requestID: String? = nil) -> Response {
        var json = JSONWriter()
        json.object { json in
            switch shape {
            case .problem: writeProblem(to: &json)
            case .openAI: writeOpenAI(to: &json)
            case .anthropic: writeAnthropic(to: &json, requestID: requestID)
            }
            writeMembers(to: &json)
        }
        return Response(status: status, headers: headers(for: shape), body: ResponseBody(byteBuffer: json.buffer))
    }

    private func writeProblem(to json: inout JSONWriter) {
        json.member("type", type)
        json.member("title", title)
        json.member("status", Int64(status.code))
        if let detail { json.member("detail", detail) }
    }
}
