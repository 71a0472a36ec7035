/// What becomes of a partition that is older than is wanted.
public enum RetentionAction: String, Sendable, CaseIterable {
    case drop
    /// It stays in the database as a table of its own.
    case detach
    /// It is detached, written to a file, and dropped then.
    case export
}
