import HTTPTypes
import SluiceCore

// The members of the problem details (RFC 9457).
extension ServiceError {
    private static let registry = "https://iana.org/assignments/http-problem-types"

    var type: String {
        switch self {
        case .tooManyRequests: Self.registry + "#quota-exceeded"
        case .unavailable, .unrecorded, .unidentified: Self.registry + "#temporary-reduced-capacity"
        default: "about:blank"
        }
    }

    /// The status phrase, as RFC 9457 wants it for `about:blank`, unless the type has a better name.
    var title: String {
        switch self {
        case .tooManyRequests: "Quota exceeded"
        case .unavailable, .unrecorded, .unidentified: "Temporarily reduced capacity"
        default: status.reasonPhrase
        }
    }

    var detail: String? {
        switch self {
        case .invalid(let error): "\(error.field): \(error.reason)"
        case .unauthorized(let credential): credential.detail
        case .forbidden(let role, let allowed):
            "your role \(role.rawValue) does not permit this: it is for "
                + allowed.map(\.rawValue).joined(separator: ", ")
        case .foreignUser(let role): "your role \(role.rawValue) may look at your own window only"
        case .noUser:
            "your key belongs to no user, so that there is no window for the call to count in: use a user's token, or a key "
                + "made with sluice keys create --user"
        case .unidentified: "it cannot be told at the moment whose key this is"
        case .notFound: "there is nothing at this path"
        case .unknownModel(let model): "there is no model \(model.prefix(128)) here"
        case .methodNotAllowed(let allowed):
            "use " + allowed.map(\.rawValue).joined(separator: " or ")
        case .requestTimeout: "the request's body took too long to arrive: send it at once"
        case .contentTooLarge(let limit): "the request's body may have at most \(limit) bytes"
        case .unsupportedMediaType: "send application/json"
        case .tooManyRequests(let quota, let retryAfter): quota?.detail(retryAfter: retryAfter) ?? "too many requests"
        case .unavailable: "it cannot be decided at the moment whether the call may go through"
        case .unrecorded:
            "it cannot be decided at the moment whether the call may go through, and the journal cannot keep it for later"
        case .notConfigured(let detail): detail
        case .status(_, let detail): detail
        case .failed: nil
        }
    }

    /// What only some errors have, beside what all of a shape have.
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

extension ServiceError.Credential {
    fileprivate var detail: String {
        switch self {
        case .missing:
            "send a key or a token in the header Authorization: Bearer <key>, or a key in x-api-key or api-key"
        case .ambiguous: "there are several credentials, and they differ: send one"
        case .noUser: "this is for users who are known: authenticate first"
        case .rejected(.expired): "the key or token has expired: get a new one"
        case .rejected(.revoked): "the key was revoked: get a new one"
        case .rejected(.early): "the token is not valid yet: look at its nbf and at the clocks"
        case .rejected(.foreign): "the token is from an issuer, or for an audience, that does not count here"
        case .rejected(.claims): "the token says no user: it needs sub, a UUID, and role"
        case .rejected(.malformed), .rejected(.unknown): "this is no key or token that is known here"
        }
    }
}
