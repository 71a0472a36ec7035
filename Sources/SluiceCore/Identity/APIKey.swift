/// An API key as its store knows it: everything but the key itself.
public struct APIKey: Hashable, Sendable {
    public let id: KeyID
    /// The first characters of the key, by which its owner knows it again.
    public let prefix: String
    public let name: String?
    public let user: UserID
    public let role: Role
    public let createdAt: Timestamp
    public let expiresAt: Timestamp?
    public let revokedAt: Timestamp?
    /// Within some minutes; `nil` for one that was never used.
    public let lastUsedAt: Timestamp?

    public init(
        id: KeyID, prefix: String, name: String?, user: UserID, role: Role, createdAt: Timestamp,
        expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.prefix = prefix
        self.name = name
        self.user = user
        self.role = role
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
    }

    /// Whether it lets its owner in at `now`.
    public func isValid(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}
