/// The identity of an API key, which is no secret.
public struct KeyID: Hashable, Sendable {
    public let bits: UUIDBits

    public init(bits: UUIDBits) {
        self.bits = bits
    }

    /// Parses a canonical UUID of any version; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let bits = UUIDBits(text) else { return nil }
        self.bits = bits
    }
}

extension KeyID: CustomStringConvertible {
    public var description: String { bits.description }
}
