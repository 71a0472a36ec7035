/// Why the public keys of an issuer could not be loaded. Its text is for operators and tells nothing secret.
public enum JWKSError: Error, Hashable, Sendable {
    /// Nothing came from the issuer, or not in time.
    case unreachable
    /// The file cannot be read: its path and the system's error number.
    case unreadable(path: String, code: Int32)
    case tooLarge(bytes: Int)
    case tooManyKeys(Int)
    /// Not a JSON object with an array `keys`.
    case malformed
}

extension JWKSError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreachable:
            "the issuer's keys did not come in time; check JWKS_URL and whether the issuer can be reached"
        case .unreadable(let path, let code):
            "cannot read \(path) (error \(code)); it must be a regular file with a JSON Web Key Set"
        case .tooLarge(let bytes): "the key set has \(bytes) bytes or more; at most \(KeySet.maximumBytes) are taken"
        case .tooManyKeys(let count): "the key set has \(count) keys; at most \(KeySet.maximumKeys) are taken"
        case .malformed: "no JSON Web Key Set: it must be a JSON object with an array \"keys\" (RFC 7517 section 5)"
        }
    }
}
