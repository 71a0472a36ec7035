import Crypto
import CryptoExtras
import Foundation

/// A private key of an issuer: signs tokens and tells its public half as an entry of a key set.
struct Signer: Sendable {
    let algorithm: String
    let sign: @Sendable ([UInt8]) throws -> [UInt8]
    /// Members of the entry, without `kid`, `use` and `alg`.
    let members: [String: String]

    /// Any header and payload at all, signed.
    func token(header: String, payload: String) throws -> String {
        let signed = "\(encode(header.utf8)).\(encode(payload.utf8))"
        return "\(signed).\(encode(try sign(Array(signed.utf8))))"
    }

    func token(_ payload: String, kid: String? = nil) throws -> String {
        let id = kid.map { #","kid":"\#($0)""# } ?? ""
        return try token(header: #"{"alg":"\#(algorithm)","typ":"JWT"\#(id)}"#, payload: payload)
    }

    func entry(kid: String?, _ more: [String: String] = ["use": "sig"]) -> String {
        var members = members.merging(more) { $1 }
        members["kid"] = kid
        let text = members.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
        return "{\(text)}"
    }

    static func set(_ entries: [String]) -> [UInt8] {
        Array(#"{"keys":[\#(entries.joined(separator: ","))]}"#.utf8)
    }
}

extension Signer {
    static func hs256(_ secret: String) -> Signer {
        hs256(SymmetricKey(data: Data(secret.utf8)))
    }

    static func hs256(_ key: SymmetricKey) -> Signer {
        Signer(algorithm: "HS256", sign: { Array(HMAC<SHA256>.authenticationCode(for: $0, using: key)) }, members: [:])
    }

    static func es256(_ key: P256.Signing.PrivateKey = .init()) -> Signer {
        let point = Array(key.publicKey.rawRepresentation)
        return Signer(
            algorithm: "ES256", sign: { Array(try key.signature(for: $0).rawRepresentation) },
            members: ["kty": "EC", "crv": "P-256", "x": encode(point[..<32]), "y": encode(point[32...])])
    }

    static func es384(_ key: P384.Signing.PrivateKey = .init()) -> Signer {
        let point = Array(key.publicKey.rawRepresentation)
        return Signer(
            algorithm: "ES384", sign: { Array(try key.signature(for: $0).rawRepresentation) },
            members: ["kty": "EC", "crv": "P-384", "x": encode(point[..<48]), "y": encode(point[48...])])
    }

    static func es512(_ key: P521.Signing.PrivateKey = .init()) -> Signer {
        let point = Array(key.publicKey.rawRepresentation)
        return Signer(
            algorithm: "ES512", sign: { Array(try key.signature(for: $0).rawRepresentation) },
            members: ["kty": "EC", "crv": "P-521", "x": encode(point[..<66]), "y": encode(point[66...])])
    }

    static func edDSA(_ key: Curve25519.Signing.PrivateKey = .init()) -> Signer {
        Signer(
            algorithm: "EdDSA", sign: { Array(try key.signature(for: $0)) },
            members: ["kty": "OKP", "crv": "Ed25519", "x": encode(key.publicKey.rawRepresentation)])
    }

    static func rsa(_ algorithm: String, _ key: _RSA.Signing.PrivateKey) throws -> Signer {
        let numbers = try key.publicKey.getKeyPrimitives()
        let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
        return Signer(
            algorithm: algorithm,
            sign: { bytes in
                switch algorithm.suffix(3) {
                case "384": Array(try key.signature(for: SHA384.hash(data: bytes), padding: padding).rawRepresentation)
                case "512": Array(try key.signature(for: SHA512.hash(data: bytes), padding: padding).rawRepresentation)
                default: Array(try key.signature(for: SHA256.hash(data: bytes), padding: padding).rawRepresentation)
                }
            },
            members: ["kty": "RSA", "n": encode(numbers.modulus), "e": encode(numbers.publicExponent)])
    }
}
