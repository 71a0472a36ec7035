/// What the claims of a token have to be.
public struct TokenRules: Hashable, Sendable {
    /// `iss` must be this; `nil` takes any.
    public var issuer: String?
    /// Must be, or be among, `aud`; `nil` takes any.
    public var audience: String?
    /// How far the issuer's clock may be off ours.
    public var leeway: Duration

    public init(issuer: String? = nil, audience: String? = nil, leeway: Duration = .seconds(30)) {
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
    }
}
