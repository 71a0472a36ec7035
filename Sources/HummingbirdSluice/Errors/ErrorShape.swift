/// The form that a client expects an error to have.
package enum ErrorShape: Hashable, Sendable {
    /// `application/problem+json` (RFC 9457).
    case problem
    /// As the SDKs of OpenAI read it.
    case openAI
    /// As the SDKs of Anthropic read it.
    case anthropic
}
