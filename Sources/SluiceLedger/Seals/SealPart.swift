/// The rows of a seal that are digested together.
public enum SealPart: String, CaseIterable, Sendable {
    /// Those that cannot come late: settlements, and calls that were decided in order.
    case ordered
    /// Unchecked calls.
    case late
}
