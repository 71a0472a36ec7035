import Crypto
import Foundation
import SluiceCore

/// JSON Web Tokens as an issuer makes them.
enum Token {
    static let secret = "a-secret-of-the-tests-0123456789abcdef"

    /// Good for an hour, signed with HS256.
    static func make(_ user: UserID, _ role: Role, secret: String = secret) -> String {
        let expiry = Int(Date().timeIntervalSince1970) + 3_600
        let claims: JSON = [
            "sub": .string("\(user)"), "role": .string(role.rawValue), "exp": .number(Double(expiry)),
        ]
        let signed = encode(#"{"alg":"HS256","typ":"JWT"}"#) + "." + encode(claims.text)
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return signed + "." + encode(Data(code))
    }

    private static func encode(_ text: String) -> String { encode(Data(text.utf8)) }

    private static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
