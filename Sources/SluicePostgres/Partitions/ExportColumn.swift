/// A column of a table that is written to a file.
public struct ExportColumn: Hashable, Sendable {
    public let name: String
    /// As PostgreSQL names it, such as `timestamp with time zone`.
    public let type: String

    public init(name: String, type: String) {
        self.name = name
        self.type = type
    }
}
