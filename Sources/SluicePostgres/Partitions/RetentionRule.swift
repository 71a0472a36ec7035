/// How long the ledger is kept.
public struct RetentionRule: Hashable, Sendable {
    /// The database refuses to take what is younger than the lower bound, whoever asks.
    public static let allowedDays = 31...100_000
    /// 400 days, then dropped.
    public static let standard = RetentionRule(days: 400, action: .drop)

    /// A partition goes when all of its rows are older than so many days; within ``allowedDays``.
    public let days: Int
    public let action: RetentionAction
    /// Where files are written; only for ``RetentionAction/export``.
    public let exportFolder: String?

    /// - Parameter days: what is outside of ``allowedDays`` becomes its nearest bound.
    public init(days: Int, action: RetentionAction, exportFolder: String? = nil) {
        self.days = min(max(days, Self.allowedDays.lowerBound), Self.allowedDays.upperBound)
        self.action = action
        self.exportFolder = exportFolder
    }

    /// This rule, but never so short that rows leave that a window of this length still counts.
    func covering(_ longestWindow: Duration) -> RetentionRule {
        let needed = longestWindow.components.seconds / 86_400 + 2
        return RetentionRule(days: max(days, Int(clamping: needed)), action: action, exportFolder: exportFolder)
    }
}
