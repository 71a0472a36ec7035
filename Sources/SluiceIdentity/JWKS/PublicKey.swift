import JWTKit

/// A public key together with the one algorithm that it is used with here.
struct PublicKey: Sendable {
    private let algorithm: any JWTAlgorithm

    /// - Throws: for numbers that are no key, and for RSA keys under 2,048 bits.
    init(_ key: JWK) async throws {
        let keys = JWTKeyCollection()
        try await keys.add(jwk: key)
        algorithm = try await keys.getKey(for: key.keyIdentifier)
    }

    func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        (try? algorithm.verify(signature, signs: bytes)) == true
    }
}
