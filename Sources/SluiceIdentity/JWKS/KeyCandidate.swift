import JWTKit

/// One entry of a key set that may be of use: what it is for, and its public numbers. Private ones are not even read.
struct KeyCandidate {
    private enum Numbers {
        case rsa(modulus: String, exponent: String)
        case curve(x: String, y: String, ECDSACurve)
        case edwards(x: String)
    }

    let id: String?
    let algorithms: [TokenAlgorithm]
    private let numbers: Numbers

    /// `nil` for one that is of no use here.
    init?(_ members: [String: JSONValue]) {
        guard Self.isForVerifying(members), members["kid"] == nil || members["kid"]?.string != nil,
            let (family, numbers) = Self.numbers(members)
        else { return nil }
        id = members["kid"]?.string
        self.numbers = numbers
        if let name = members["alg"] {
            algorithms = family.filter { name == .string($0.rawValue) }
        } else {
            algorithms = family
        }
    }

    func key(for algorithm: TokenAlgorithm) async throws -> PublicKey {
        // The name of the key only has to be there.
        let name = JWKIdentifier(string: "key")
        let algorithm = JWK.Algorithm(rawValue: algorithm.rawValue)
        switch numbers {
        case .rsa(let modulus, let exponent):
            return try await PublicKey(.rsa(algorithm, identifier: name, modulus: modulus, exponent: exponent))
        case .curve(let x, let y, let curve):
            return try await PublicKey(.ecdsa(algorithm, identifier: name, x: x, y: y, curve: curve))
        case .edwards(let x):
            return try await PublicKey(.octetKeyPair(algorithm, identifier: name, x: x, y: nil, curve: .ed25519))
        }
    }

    private static func isForVerifying(_ members: [String: JSONValue]) -> Bool {
        guard members["use"].map({ $0 == .string("sig") }) ?? true else { return false }
        return members["key_ops"].map { $0.array?.contains(.string("verify")) == true } ?? true
    }

    /// `nil` for `oct`, which is a secret and no public key, and for every other kind and curve.
    private static func numbers(_ members: [String: JSONValue]) -> ([TokenAlgorithm], Numbers)? {
        switch (members["kty"]?.string, members["crv"]?.string) {
        case ("RSA", _):
            // Up to 8,192 bits: beyond that, verifying costs too much.
            guard let modulus = number(members["n"], bytes: 256...1_024),
                let exponent = number(members["e"], bytes: 1...4)
            else { return nil }
            let family: [TokenAlgorithm] = [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
            return (family, .rsa(modulus: modulus, exponent: exponent))
        case ("EC", "P-256"): return point(members, bytes: 32, .p256).map { ([.es256], $0) }
        case ("EC", "P-384"): return point(members, bytes: 48, .p384).map { ([.es384], $0) }
        case ("EC", "P-521"): return point(members, bytes: 66, .p521).map { ([.es512], $0) }
        case ("OKP", "Ed25519"): return number(members["x"], bytes: 32...32).map { ([.edDSA], .edwards(x: $0)) }
        default: return nil
        }
    }

    private static func point(_ members: [String: JSONValue], bytes: Int, _ curve: ECDSACurve) -> Numbers? {
        guard let x = number(members["x"], bytes: bytes...bytes), let y = number(members["y"], bytes: bytes...bytes)
        else { return nil }
        return .curve(x: x, y: y, curve)
    }

    /// The text of a number of so many bytes.
    private static func number(_ member: JSONValue?, bytes: ClosedRange<Int>) -> String? {
        guard let text = member?.string, let number = Base64URL.decode(text.utf8), bytes ~= number.count
        else { return nil }
        return text
    }
}
