import HTTPTypes
import SluiceCore

// The bodies that the SDKs read. They go by the status alone to choose what to raise; people and programs go by these.
extension ServiceError {
    private var message: String { detail ?? status.reasonPhrase }

    func writeOpenAI(to json: inout JSONWriter) {
        let kind = openAIKind
        json.key("error")
        json.object { json in
            json.member("message", message)
            json.member("type", kind.type)
            json.key("param")
            if case .invalid(let error) = self { json.string(error.field) } else { json.null() }
            json.key("code")
            if let code = kind.code { json.string(code) } else { json.null() }
        }
    }

    func writeAnthropic(to json: inout JSONWriter, requestID: String?) {
        json.member("type", "error")
        json.key("error")
        json.object { json in
            json.member("type", anthropicType)
            json.member("message", message)
        }
        if let requestID { json.member("request_id", requestID) }
    }

    private var openAIKind: (type: String, code: String?) {
        let wrong = "invalid_request_error"
        return switch self {
        case .unauthorized(.rejected): (wrong, "invalid_api_key")
        case .forbidden, .foreignUser, .noUser: (wrong, "insufficient_permissions")
        case .notFound: (wrong, "unknown_url")
        case .unknownModel: (wrong, "model_not_found")
        case .methodNotAllowed: (wrong, "method_not_supported")
        case .contentTooLarge: (wrong, "request_too_large")
        case .tooManyRequests: ("requests", "rate_limit_exceeded")
        default: status.kind == .serverError ? ("server_error", nil) : (wrong, nil)
        }
    }

    private var anthropicType: String {
        switch status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 503, 529: "overloaded_error"
        case 504: "timeout_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }
}
