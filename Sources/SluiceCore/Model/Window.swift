/// One sliding window of a policy: at most ``limit`` weight in any interval of ``length``.
///
/// The window that ends at `t` is half open, `(t − length, t]`: a call admitted at `s` counts until `s + length` and no longer.
public struct Window: Hashable, Sendable {
    /// What clients see of the window in `RateLimit` fields and `violated-policies`.
    public let name: String
    /// Weight, `0 … Window.maximumLimit`.
    public let limit: Int64
    /// `1 µs … Window.maximumLength`, in whole microseconds.
    public let length: Duration

    public static let maximumLimit: Int64 = 1_000_000_000_000_000
    public static let maximumLength: Duration = .seconds(366 * 86_400)

    /// - Throws: ``PolicyError`` naming the value out of range and what is allowed.
    public init(name: String, limit: Int64, length: Duration) throws(PolicyError) {
        guard Self.isName(name) else { throw .invalidName(name) }
        guard (0...Self.maximumLimit).contains(limit) else { throw .limitOutOfRange(limit) }
        guard length > .zero, length <= Self.maximumLength, Duration.microseconds(length.wholeMicroseconds) == length
        else { throw .lengthOutOfRange(length) }
        self.name = name
        self.limit = limit
        self.length = length
    }

    /// 1 to 64 of `a-z A-Z 0-9 . _ -`: such a name needs no escaping in a structured field, a metric label or JSON.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
