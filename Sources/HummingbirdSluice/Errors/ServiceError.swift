public import HTTPTypes
public import SluiceCore

/// Everything that a service answers instead of what was asked for.
public enum ServiceError: Error, Hashable, Sendable {
    /// 400: a field of the request is wrong.
    case invalid(FieldError)
    /// 401, with what is wrong about who asks.
    case unauthorized(Credential)
    /// 403: a role that may not do this, with those that may.
    case forbidden(role: Role, allowed: [Role])
    /// 403: a role that may look at its own window alone, asking for another's.
    case foreignUser(role: Role)
    /// 403: who asks is known and is no user, so that there is no window for the call to count in.
    case noUser
    /// 503: it cannot be told who asks, and nobody is let in on a guess.
    case unidentified(retryAfter: Duration?)
    /// 404.
    case notFound
    /// 404: a model that nothing here answers for.
    case unknownModel(String)
    /// 405, with what the path does allow.
    case methodNotAllowed(allowed: [HTTPRequest.Method])
    /// 408: the request's body did not arrive in time.
    case requestTimeout
    /// 413, with the limit in bytes.
    case contentTooLarge(limit: Int)
    /// 415, with the `Content-Type` that was sent.
    case unsupportedMediaType(String)
    /// 429. Without `retryAfter` there is no `Retry-After`: it is not known when, or no wait would help.
    case tooManyRequests(QuotaExceeded?, retryAfter: Duration?)
    /// 503: it cannot be decided, and the policy lets nothing through undecided.
    case unavailable(retryAfter: Duration?)
    /// 503: it cannot be decided, and the journal that would keep the call cannot take it.
    case unrecorded(retryAfter: Duration?)
    /// 503 until somebody configures what `detail` says.
    case notConfigured(detail: String)
    /// Any other status, such as one of Hummingbird's own errors.
    case status(HTTPResponse.Status, detail: String?)
    /// 500: our fault, of which the caller learns no more.
    case failed

    public enum Credential: Hashable, Sendable {
        /// None came along.
        case missing
        /// Several came along, and no one says which counts: 400, as RFC 6750 wants it.
        case ambiguous
        /// One came along that does not count.
        case rejected(Authentication.Rejection)
        /// The request is of no user that is known.
        case noUser
    }

    /// 429 for a call that found no room.
    public static func refused(_ refusal: Refusal, weight: Int64) -> ServiceError {
        .tooManyRequests(QuotaExceeded(refusal, weight: weight), retryAfter: refusal.retryAfter)
    }

    /// 429 for a call that never finds room: clients retry a 429 with `Retry-After`, so there is none, and
    /// `x-should-retry` is `false`.
    public static func neverFits(_ decision: NeverFits) -> ServiceError {
        .tooManyRequests(QuotaExceeded(decision), retryAfter: nil)
    }

    public init(_ error: CallError) {
        self = .invalid(FieldError(field: error.field, reason: "\(error)"))
    }

    public init(_ error: LimiterError) {
        switch error {
        case .unavailable(let cause, let retryAfter):
            switch cause.kind {
            case .unrecorded: self = .unrecorded(retryAfter: retryAfter)
            // What the ledger never takes should have been refused as a field: asking again is no help.
            case .rejected: self = .failed
            default: self = .unavailable(retryAfter: retryAfter)
            }
        case .cancelled: self = .unavailable(retryAfter: nil)
        }
    }
}
