/// Whose window a call counts in.
public struct UserID: Hashable, Sendable {
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

extension UserID: Comparable {
    public static func < (left: UserID, right: UserID) -> Bool { left.bits < right.bits }
}

extension UserID: CustomStringConvertible {
    public var description: String { bits.description }
}
