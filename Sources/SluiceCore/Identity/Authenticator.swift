/// Tells who presents a credential.
public protocol Authenticator: Sendable {
    /// - Parameter credential: a JWT or a key, without the name of a scheme before it. May be anything at all.
    func authenticate(_ credential: String) async -> Authentication
}

/// What a credential is worth.
public enum Authentication: Hashable, Sendable {
    case known(Principal)
    case rejected(Rejection)
    /// It cannot be told at the moment, and nobody is let in on a guess.
    case unavailable(retryAfter: Duration?)

    /// Why a credential does not count. Says nothing that helps to guess one.
    public enum Rejection: String, Hashable, Sendable, CaseIterable {
        /// Neither a token nor a key of any kind known here.
        case malformed
        /// No such key; or a token that nobody known here has signed.
        case unknown
        case expired
        case revoked
        /// A token that is not valid yet.
        case early
        /// A token by another issuer, or for another audience.
        case foreign
        /// A token without a usable `sub` (the user's UUID) or `role`.
        case claims
    }
}
