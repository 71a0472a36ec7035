import HTTPTypes

extension ServiceError {
    /// The header fields that belong to the error.
    func headers(for shape: ErrorShape) -> HTTPFields {
        var headers: HTTPFields = [
            .contentType: shape == .problem ? "application/problem+json" : "application/json",
            .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        switch self {
        case .unauthorized(let credential):
            headers[.wwwAuthenticate] = credential.challenge
        case .methodNotAllowed(let allowed):
            headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        case .unsupportedMediaType:
            headers[.accept] = "application/json"
        case .tooManyRequests(let quota, let retryAfter):
            if let quota { headers.setRateLimit(quota.windows, at: quota.decidedAt, for: shape) }
            if quota?.neverFits == true { headers[.shouldRetry] = "false" }
            if let retryAfter { headers.setRetry(after: retryAfter) }
        case .unavailable(let retryAfter), .unrecorded(let retryAfter), .unidentified(let retryAfter):
            if let retryAfter { headers.setRetry(after: retryAfter) }
        // Asking again is no help until somebody has changed the configuration.
        case .notConfigured:
            headers[.shouldRetry] = "false"
        case .invalid, .forbidden, .foreignUser, .noUser, .notFound, .unknownModel, .requestTimeout, .contentTooLarge,
            .status, .failed:
            break
        }
        return headers
    }
}

extension ServiceError.Credential {
    /// RFC 6750 section 3: without a credential there is no error to tell.
    fileprivate var challenge: String {
        let realm = "Bearer realm=\"sluice\""
        return switch self {
        case .missing, .noUser: realm
        case .ambiguous: realm + ", error=\"invalid_request\""
        case .rejected: realm + ", error=\"invalid_token\""
        }
    }
}
