/// Everything about one user over a range.
public struct UserReport: Sendable {
    /// The configured policy's windows as they are now.
    public let windows: [UserWindow]
    public let total: Spend
    /// By day of the report's time zone.
    public let days: [SpendLine]
    /// By model; where calls are unpriced, its price is not known.
    public let models: [SpendLine]
    /// By day of the report's time zone.
    public let refusals: [RefusalLine]
    public let keys: [UserKey]
}
