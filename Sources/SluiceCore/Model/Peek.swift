/// What a user's windows look like now, without consuming anything.
public struct Peek: Hashable, Sendable {
    public let user: UserID
    /// By the database's clock.
    public let at: Timestamp
    public let policy: Policy
    /// In the policy's order.
    public let windows: [WindowState]
    /// When a call of the weight asked about would be admitted if nobody else calls: ``at`` or earlier when it fits now,
    /// `nil` when it never fits.
    public let admissibleAt: Timestamp?

    public init(user: UserID, at: Timestamp, policy: Policy, windows: [WindowState], admissibleAt: Timestamp?) {
        self.user = user
        self.at = at
        self.policy = policy
        self.windows = windows
        self.admissibleAt = admissibleAt
    }
}
