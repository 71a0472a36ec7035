/// Who asks, once their credential was verified.
public struct Principal: Hashable, Sendable {
    /// How they showed who they are.
    public enum Credential: Hashable, Sendable {
        case token
        case key(KeyID)
        /// One of the service's own static keys, which belong to no user.
        case serviceKey
        /// Nobody needs a credential: for development.
        case none
    }

    /// Whose window their calls count in; `nil` for those who are no user and only ask on behalf of others.
    public let user: UserID?
    public let role: Role
    public let credential: Credential

    public init(user: UserID?, role: Role, credential: Credential) {
        self.user = user
        self.role = role
        self.credential = credential
    }

    /// The API key they presented, for the ledger.
    public var keyID: KeyID? {
        if case .key(let id) = credential { id } else { nil }
    }
}
