/// The 128 bits of a UUID (RFC 9562), most significant half first.
///
/// The standard library has no UUID and `SluiceCore` imports nothing else, so ``UserID`` and ``CallID`` share this one.
public struct UUIDBits: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses the canonical form of RFC 9562: 32 hexadecimal digits of either case, hyphens after 8, 12, 16 and 20.
    public init?(_ text: some StringProtocol) {
        // Nearly every string's bytes lie in a row; through the protocol each of them would cost a call.
        let parsed =
            text.utf8.withContiguousStorageIfAvailable { UUIDBits(digits: $0) }
            ?? Array(text.utf8).withUnsafeBufferPointer { UUIDBits(digits: $0) }
        guard let parsed else { return nil }
        self = parsed
    }

    private init?(digits bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 36 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for position in 0..<36 {
            let byte = bytes[position]
            switch position {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            case 0..<18:
                guard let digit = Self.hexValue(byte) else { return nil }
                halves.high = halves.high << 4 | digit
            default:
                guard let digit = Self.hexValue(byte) else { return nil }
                halves.low = halves.low << 4 | digit
            }
        }
        self.init(high: halves.high, low: halves.low)
    }

    /// The version nibble: 7 for the ids that Sluice makes.
    public var version: Int { Int(high >> 12 & 0xF) }

    private static func hexValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension UUIDBits: Comparable {
    /// The order of PostgreSQL's `uuid` type: byte by byte, unsigned.
    public static func < (left: UUIDBits, right: UUIDBits) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension UUIDBits: CustomStringConvertible {
    /// The canonical lower-case form.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = index < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index % 16)) & 0xF)
                buffer[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                position += 1
            }
            return position
        }
    }
}
