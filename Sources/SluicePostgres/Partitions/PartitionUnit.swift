/// How much of the ledger one partition holds.
public enum PartitionUnit: String, Sendable, CaseIterable {
    case day
    /// For few calls. A month that was begun by day goes on by day.
    case month
}
