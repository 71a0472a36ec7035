package import HTTPTypes

extension HTTPField.Name {
    /// `Retry-After` in milliseconds, which the SDKs of OpenAI and Anthropic read first.
    package static let retryAfterMilliseconds = literal("retry-after-ms")
    /// `true` or `false`: whether those SDKs should retry by themselves; they obey it literally.
    package static let shouldRetry = literal("x-should-retry")
    /// What is left of each window (draft-ietf-httpapi-ratelimit-headers).
    package static let rateLimit = literal("RateLimit")
    /// Each window's quota and length (same draft).
    package static let rateLimitPolicy = literal("RateLimit-Policy")
    package static let requestID = literal("x-request-id")

    private static func literal(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a field name") }
        return name
    }
}
