import HTTPTypes
import HummingbirdSluice

/// What a request brings along to say who asks.
enum PresentedCredential: Hashable, Sendable {
    case none
    /// A key or a token, without the name of a scheme.
    case one(String)
    /// Several that differ, or an `Authorization` that is there twice: which one counts is not ours to guess.
    case ambiguous
    /// Something that is neither a key nor a token, such as HTTP's Basic authentication.
    case unusable

    /// `Authorization: Bearer` as the SDKs of OpenAI send it, `x-api-key` as those of Anthropic do, `api-key` as on Azure.
    init(_ headers: HTTPFields) {
        let authorization = headers[values: .authorization]
        guard authorization.count <= 1 else {
            self = .ambiguous
            return
        }
        let bearer = authorization.first.map(Self.bearer)
        let keys = Set(headers[values: .anthropicKey] + headers[values: .azureKey] + (bearer?.map { [$0] } ?? []))
        switch (bearer, keys.count) {
        case (nil, 0): self = .none
        case (.some(nil), 0): self = .unusable
        case (.some(nil), _): self = .ambiguous
        case (_, 1): self = keys.first.map { $0.isEmpty ? .unusable : .one($0) } ?? .none
        default: self = .ambiguous
        }
    }

    /// `Bearer`, in any case, then the credential (RFC 6750, RFC 9110 section 11.1).
    private static func bearer(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }
}
