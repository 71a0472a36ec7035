import Crypto

/// The secret that HS256 tokens are signed with. Does not show itself.
public struct TokenSecret: Sendable {
    /// Bytes of a secret (RFC 7518 section 3.2).
    public static let minimumLength = 32

    private let key: SymmetricKey

    /// `nil` for fewer than ``minimumLength`` bytes.
    public init?(_ secret: some StringProtocol) {
        guard secret.utf8.count >= Self.minimumLength else { return nil }
        key = SymmetricKey(data: Array(secret.utf8))
    }

    /// In constant time.
    func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: bytes, using: key)
    }
}

extension TokenSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "a secret" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
