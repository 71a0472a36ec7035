/// A table that left the ledger and waits to be written to a file.
public struct PendingExport: Hashable, Sendable {
    /// Of its retirement.
    let id: Int
    /// The table of the ledger that it was part of.
    public let parent: String
    /// Its name while it was a partition.
    public let partition: String
    /// Its name now.
    public let table: String

    /// Another partition may have had the name before, so the number makes it one of a kind.
    var fileName: String { "\(partition)-\(id)" }
}
