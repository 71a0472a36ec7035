/// Where API keys are kept.
public protocol KeyStore: Sendable {
    /// The key with this digest, also one that is revoked or expired.
    func find(_ digest: KeyDigest, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey?

    /// Keeps a new key.
    ///
    /// - Throws: of kind ``StoreError/Kind/rejected`` where the key's name or prefix is out of range.
    func create(_ key: NewAPIKey, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey

    /// Newest first, those of one user or of all.
    ///
    /// - Parameters:
    ///   - before: the last key of the page before.
    ///   - limit: `1 … 1,000`.
    func list(
        user: UserID?, before: KeyID?, limit: Int, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [APIKey]

    /// Ends a key for good; of one that is revoked already the first time stays. `nil` if there is no such key.
    func revoke(_ id: KeyID, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey?

    /// Notes when keys were last used; never moves a note back.
    func noteUse(_ uses: [KeyID: Timestamp], deadline: ContinuousClock.Instant) async throws(StoreError)
}

/// An API key that is to be kept.
public struct NewAPIKey: Hashable, Sendable {
    /// Characters of ``name``.
    public static let maximumNameLength = 128

    public let digest: KeyDigest
    public let prefix: String
    public let name: String?
    public let user: UserID
    public let role: Role
    /// `nil` for a key that does not expire; else at least a second.
    public let lifetime: Duration?

    public init(
        digest: KeyDigest, prefix: String, name: String?, user: UserID, role: Role, lifetime: Duration?
    ) {
        self.digest = digest
        self.prefix = prefix
        self.name = name
        self.user = user
        self.role = role
        self.lifetime = lifetime
    }
}
