/// Why a database is not filled.
public struct FillError: Error, Sendable, CustomStringConvertible {
    /// What it is about.
    public enum Kind: Sendable {
        /// The plan makes no sense.
        case plan
        /// This database is not one to be filled, or not for those days.
        case database
    }

    public let kind: Kind
    /// For a person: what is wrong, and the remedy.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
