public import SluiceCore

/// One line of a report on refusals.
public struct RefusalLine: Hashable, Sendable {
    /// A day, a user's UUID or a policy's number; `nil` where ``hour`` tells.
    public let key: String?
    /// When the hour began, of a report by hour.
    public let hour: Timestamp?
    public let refused: Int64
    /// How many users were refused.
    public let users: Int64
}
