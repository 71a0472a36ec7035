/// Why the ledger could not be verified or exported.
public enum SealError: Error, Hashable, Sendable {
    /// A view answered something else than its columns.
    case unreadable(view: String, line: String)
}

extension SealError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let view, let line):
            "\(view) has a row that is none: '\(line)'; it was changed, or the schema is another one: see sluice migrate status"
        }
    }
}
