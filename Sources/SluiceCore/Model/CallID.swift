/// The identity of one call in the ledger: a UUID, version 7 when Sluice makes it.
///
/// The client makes the id, so that a retry after a lost answer is recognised as the same call.
public struct CallID: Hashable, Sendable {
    public let bits: UUIDBits

    public init(bits: UUIDBits) {
        self.bits = bits
    }

    /// Parses a canonical UUID of any version; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let bits = UUIDBits(text) else { return nil }
        self.bits = bits
    }

    /// A version 7 UUID (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then 74 random bits.
    ///
    /// - Parameters:
    ///   - time: taken modulo 2⁴⁸ milliseconds; a time before 1970 counts as 1970.
    ///   - generator: must be unpredictable enough that two replicas never draw the same 74 bits.
    public static func version7(
        at time: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> CallID {
        let milliseconds = UInt64(max(0, time.microseconds / 1_000)) & 0xFFFF_FFFF_FFFF
        let high = milliseconds << 16 | 0x7000 | (generator.next() & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (generator.next() & 0x3FFF_FFFF_FFFF_FFFF)
        return CallID(bits: UUIDBits(high: high, low: low))
    }
}

extension CallID: Comparable {
    public static func < (left: CallID, right: CallID) -> Bool { left.bits < right.bits }
}

extension CallID: CustomStringConvertible {
    public var description: String { bits.description }
}
