/// The ledger's partitions in a few numbers.
public struct PartitionSummary: Hashable, Sendable {
    /// Before today.
    public var daysBack: Int
    /// After today, without a gap, in every table; -1 when there is none for today.
    public var daysAhead: Int
    /// Of all tables.
    public var partitions: Int
    /// On disk, with indexes.
    public var bytes: Int64
    /// Retirements that were begun and have something left to do.
    public var unfinished: Int

    public init(daysBack: Int, daysAhead: Int, partitions: Int, bytes: Int64, unfinished: Int) {
        self.daysBack = daysBack
        self.daysAhead = daysAhead
        self.partitions = partitions
        self.bytes = bytes
        self.unfinished = unfinished
    }
}
