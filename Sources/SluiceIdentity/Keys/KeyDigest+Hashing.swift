import Crypto
public import SluiceCore

extension KeyDigest {
    /// The SHA-256 of a credential's UTF-8.
    public init(of credential: some StringProtocol) {
        self.init(of: Array(credential.utf8))
    }

    init(of bytes: [UInt8]) {
        guard let digest = KeyDigest(Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        self = digest
    }
}
