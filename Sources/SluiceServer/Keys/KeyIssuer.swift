package import SluiceCore

/// Makes API keys and has them kept.
package protocol KeyIssuer: Sendable {
    /// - Parameter lifetime: `nil` for a key that does not expire.
    /// - Throws: of kind ``StoreError/Kind/rejected`` where the name is out of range.
    func issue(
        user: UserID, role: Role, name: String?, lifetime: Duration?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> IssuedKey
}

/// A key that was just made.
package struct IssuedKey: Sendable {
    /// The key itself, of which only the digest is kept: this is the one time that it can be shown.
    package let secret: String
    package let key: APIKey

    package init(secret: String, key: APIKey) {
        self.secret = secret
        self.key = key
    }
}

/// What the endpoints for API keys need.
package struct KeyAdministration: Sendable {
    package let store: any KeyStore
    package let issuer: any KeyIssuer
    /// Called when a key was revoked, before it is answered: whoever remembers keys forgets this one.
    package let onRevoke: @Sendable (KeyID) -> Void

    package init(
        store: any KeyStore, issuer: any KeyIssuer, onRevoke: @escaping @Sendable (KeyID) -> Void = { _ in }
    ) {
        self.store = store
        self.issuer = issuer
        self.onRevoke = onRevoke
    }
}
