/// Which partitions the ledger is wanted to have.
public struct PartitionPlan: Hashable, Sendable {
    public var unit: PartitionUnit
    /// Days beyond today that have a partition; 1 … 999.
    public var daysAhead: Int
    /// `nil` keeps everything for ever.
    public var retention: RetentionRule?

    /// By day, two weeks ahead, for 400 days.
    public init(unit: PartitionUnit = .day, daysAhead: Int = 14, retention: RetentionRule? = .standard) {
        self.unit = unit
        self.daysAhead = daysAhead
        self.retention = retention
    }
}
