import Crypto
import HTTPTypes
import HummingbirdSluice
import NIOCore
import SluiceCore

/// Ties the attempts of a client at one call together: the SDKs of OpenAI and Anthropic ask again by themselves.
///
/// The id is computed, so that attempts need no memory and may meet different replicas: from the user, and from the client's
/// idempotency key or, without one, from the question. The secret keeps who can read the ledger from trying out questions.
struct LogicalCall: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: the same on all replicas, such as the key of the upstream.
    init(secret: String) {
        key = SymmetricKey(data: SHA256.hash(data: Array("sluice logical call \(secret)".utf8)))
    }

    /// - Returns: a UUID of version 8 (RFC 9562 section 5.8).
    func id(of user: UserID, path: String, headers: HTTPFields, body: ByteBuffer) -> CallID {
        var hash = HMAC<SHA256>(key: key)
        hash.update(data: Array("\(user)\n\(path)\n".utf8))
        if let given = headers[.idempotencyKey], !given.isEmpty {
            hash.update(data: Array("key\n\(given)".utf8))
        } else {
            hash.update(data: Array("body\n".utf8))
            hash.update(data: body.readableBytesView)
        }
        let digest = Array(hash.finalize())
        let (high, low) = (Self.integer(digest[0..<8]), Self.integer(digest[8..<16]))
        return CallID(
            bits: UUIDBits(
                high: high & ~0xF000 | 0x8000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000))
    }

    /// How often the client asked before, as it counts; 0 where it does not say.
    static func attempt(_ headers: HTTPFields) -> Int {
        headers[.retryCount].flatMap { Int($0) } ?? 0
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension HTTPField.Name {
    private static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return field
    }

    static let idempotencyKey = known("idempotency-key")
    static let retryCount = known("x-stainless-retry-count")
    static let sluiceCallID = known("x-sluice-call-id")
}
