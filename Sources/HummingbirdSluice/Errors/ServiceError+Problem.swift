import HTTPTypes
import SluiceCore

// The members of the problem details (RFC 9457).
extension ServiceError {
    private static let registry = "https://iana.org/assignments/http-problem-types"

    var type: String {
        switch self {
        case .tooManyRequests: Self.registry + "#quota-exceeded"
        case .unavailable, .unrecorded: Self.registry + "#temporary-reduced-capacity"
        default: "about:blank"
        }
    }

    /// The status phrase, as RFC 9457 wants it for `about:blank`, unless the type has a better name.
    var title: String {
        switch self {
        case .tooManyRequests: "Quota exceeded"
        case .unavailable, .unrecorded: "Temporarily reduced capacity"
        default: status.reasonPhrase
        }
    }

    var detail: String? {
        switch self {
        case .invalid(let error): "\(error.field): \(error.reason)"
        case .unauthorized(.missing): "send a service key in the header Authorization: Bearer <key>"
        case .unauthorized(.unknown): "this is not one of the service keys of this service"
        case .unauthorized(.noUser): "this is for users who are known: authenticate first"
        case .notFound: "there is nothing at this path"
        case .methodNotAllowed(let allowed):
            "use " + allowed.map(\.rawValue).joined(separator: " or ")
        case .requestTimeout: "the request's body took too long to arrive: send it at once"
        case .contentTooLarge(let limit): "the request's body may have at most \(limit) bytes"
        case .unsupportedMediaType: "send application/json"
        case .tooManyRequests(let quota, let retryAfter): quota?.detail(retryAfter: retryAfter) ?? "too many requests"
        case .unavailable: "it cannot be decided at the moment whether the call may go through"
        case .unrecorded:
            "it cannot be decided at the moment whether the call may go through, and the journal cannot keep it for later"
        case .status(_, let detail): detail
        case .failed: nil
        }
    }

    func writeMembers(to json: inout JSONWriter) {
        switch self {
        case .invalid(let error):
            json.key("errors")
            json.array { json in
                json.object { json in
                    json.member("field", error.field)
                    json.member("reason", error.reason)
                }
            }
        case .tooManyRequests(let quota, let retryAfter):
            json.member("admitted", false)
            quota?.writeMembers(to: &json)
            json.member("retry_after_ms", retryAfter.map { max(1, $0.millisecondsRoundedUp) })
        default:
            break
        }
    }
}

extension QuotaExceeded {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        json.key("violated-policies")
        json.array { json in
            for state in violated { json.string(state.window.name) }
        }
        json.member("policy", policy.name)
        json.member("weight", weight)
        json.member("limit", shown?.window.limit ?? policy.windows.first?.limit)
        json.member("remaining", shown?.remaining ?? 0)
        if neverFits { json.member("never_fits", true) }
    }
}
