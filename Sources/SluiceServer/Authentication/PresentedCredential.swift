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
        var authorization: String?
        var key: String?
        var isAmbiguous = false
        for field in headers {
            if field.name == .authorization {
                isAmbiguous = isAmbiguous || authorization != nil
                authorization = field.value
            } else if field.name == .anthropicKey || field.name == .azureKey {
                isAmbiguous = isAmbiguous || key.map { $0 != field.value } ?? false
                key = field.value
            }
        }
        let bearer = authorization.map(Self.bearer)
        guard !isAmbiguous, key == nil || bearer.map({ $0 == key }) ?? true else {
            self = .ambiguous
            return
        }
        switch (key, bearer) {
        case (nil, nil): self = .none
        case (let text?, _), (nil, .some(let text?)): self = text.isEmpty ? .unusable : .one(text)
        case (nil, .some(nil)): self = .unusable
        }
    }

    /// `Bearer`, in any case, then the credential (RFC 6750, RFC 9110 section 11.1).
    private static func bearer(_ header: String) -> String? {
        // As nearly everybody writes it.
        if header.utf8.starts(with: "Bearer ".utf8) {
            return String(header.utf8.dropFirst(7).drop { $0 == UInt8(ascii: " ") })
        }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }
}
