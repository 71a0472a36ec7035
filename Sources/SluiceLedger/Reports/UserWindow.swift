public import SluiceCore

/// What of a sliding window is taken.
public struct UserWindow: Hashable, Sendable {
    public let window: Window
    /// Weight of the user's calls in it; above the limit where calls were let through unchecked.
    public let used: Int64
}
