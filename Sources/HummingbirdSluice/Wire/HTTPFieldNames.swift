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
    /// ``requestID`` as Anthropic names it.
    package static let anthropicRequestID = literal("request-id")
    /// Where the SDKs of Anthropic put the key.
    package static let anthropicKey = literal("x-api-key")
    /// Where the SDKs for OpenAI on Azure put the key.
    package static let azureKey = literal("api-key")
    package static let anthropicVersion = literal("anthropic-version")
    package static let forwarded = literal("forwarded")
    package static let xForwardedFor = literal("x-forwarded-for")
    package static let referrerPolicy = literal("referrer-policy")
    package static let xFrameOptions = literal("x-frame-options")

    // What is left, in the words of OpenAI …
    static let openAILimit = literal("x-ratelimit-limit-requests")
    static let openAIRemaining = literal("x-ratelimit-remaining-requests")
    static let openAIReset = literal("x-ratelimit-reset-requests")
    // … and in those of Anthropic.
    static let anthropicLimit = literal("anthropic-ratelimit-requests-limit")
    static let anthropicRemaining = literal("anthropic-ratelimit-requests-remaining")
    static let anthropicReset = literal("anthropic-ratelimit-requests-reset")

    private static func literal(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a field name") }
        return name
    }
}
