/// The SHA-256 of an API key: all of it that is kept.
///
/// A key has 160 random bits or more, so that its digest cannot be guessed back and needs no salt.
public struct KeyDigest: Hashable, Sendable {
    /// 32 of them.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 32.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}
