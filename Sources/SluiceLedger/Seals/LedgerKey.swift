/// The key of a row, in the words of PostgreSQL.
public struct LedgerKey: Hashable, Sendable {
    public let user: String
    /// Of `admitted_at` or `settled_at`, in UTC.
    public let at: String
    public let call: String

    /// - Parameter fields: three, as `COPY` writes a `uuid`, a `timestamptz` and a `uuid`; `nil` for anything else.
    init?(_ fields: ArraySlice<Substring>) {
        guard fields.count == 3, let user = fields.first, let call = fields.last,
            let at = fields.dropFirst().first, fields.allSatisfy({ $0.utf8.allSatisfy(Self.isHarmless) })
        else { return nil }
        (self.user, self.at, self.call) = (String(user), String(at), String(call))
    }

    /// As a row of SQL. COPY takes no parameters, so a view that was tampered with must not be able to say more than a value.
    var literal: String { "('\(user)'::uuid, '\(at)'::timestamptz, '\(call)'::uuid)" }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ":"),
            UInt8(ascii: "."), UInt8(ascii: " "):
            true
        default: false
        }
    }
}

extension LedgerKey: CustomStringConvertible {
    public var description: String { "\(user) \(at) \(call)" }
}
