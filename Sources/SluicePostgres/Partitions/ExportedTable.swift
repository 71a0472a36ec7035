/// A table that was written to a file and dropped.
public struct ExportedTable: Hashable, Sendable {
    /// The file's path.
    public let file: String
    public let rows: Int
}
