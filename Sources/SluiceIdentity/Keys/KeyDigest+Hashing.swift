import Crypto
public import SluiceCore

extension KeyDigest {
    /// The SHA-256 of a credential's UTF-8.
    public init(of credential: some StringProtocol) {
        // Nearly every text's bytes lie in a row, and need not be copied to be read.
        let digest =
            credential.utf8.withContiguousStorageIfAvailable { KeyDigest(of: UnsafeRawBufferPointer($0)) }
            ?? KeyDigest(of: Array(credential.utf8))
        self = digest
    }

    init(of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { KeyDigest(of: $0) }
    }

    private init(of bytes: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        guard let digest = KeyDigest(hash.finalize().withUnsafeBytes { Array($0) }) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        self = digest
    }
}
