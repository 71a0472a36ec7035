public import SluiceCore

/// An API key of a user, as an auditor sees it.
public struct UserKey: Hashable, Sendable {
    public let id: KeyID
    public let prefix: String
    public let name: String?
    public let role: String
    public let createdAt: Timestamp
    /// `nil` for never.
    public let expiresAt: Timestamp?
    public let revokedAt: Timestamp?
    /// Within some minutes.
    public let lastUsedAt: Timestamp?
}
