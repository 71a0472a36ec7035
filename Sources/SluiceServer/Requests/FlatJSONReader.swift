import HummingbirdSluice

/// Reads one JSON object (RFC 8259) whose members have no parts themselves: all that a request of ours ever is.
///
/// Not Foundation's decoder, because that takes the last of two members of one name without a word, cannot name a member
/// that it does not know, and takes several times as long, on the hottest path there is.
struct FlatJSONReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Calls `visit` with each member in order.
    ///
    /// - Throws: ``FieldError`` naming the member, or `body` where there is none to name, and the place in bytes from 0.
    mutating func readObject(
        _ visit: (String, JSONScalar) throws(FieldError) -> Void
    ) throws(FieldError) {
        skipSpace()
        guard position < bytes.count else { throw FieldError(field: "body", reason: "is empty: send a JSON object") }
        try expect("{")
        skipSpace()
        if peek() != UInt8(ascii: "}") {
            repeat {
                skipSpace()
                let name = try readString(of: "body")
                skipSpace()
                try expect(":")
                skipSpace()
                try visit(name, readScalar(of: name))
                skipSpace()
            } while take(",")
        }
        try expect("}")
        skipSpace()
        guard position == bytes.count else { throw unexpected("nothing more", in: "body") }
    }

    private mutating func readScalar(of name: String) throws(FieldError) -> JSONScalar {
        switch peek() {
        case UInt8(ascii: "\""): return .string(try readString(of: name))
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try readNumber(of: name)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            throw FieldError(field: Self.shown(name), reason: "must not be an object or a list")
        default: break
        }
        if takeWord("true") { return .bool(true) }
        if takeWord("false") { return .bool(false) }
        if takeWord("null") { return .null }
        throw unexpected("a JSON value", in: name)
    }

    private mutating func readNumber(of name: String) throws(FieldError) -> JSONScalar {
        let start = position
        _ = take("-")
        if !take("0") { try readDigits(of: name) }
        let end = position
        if take(".") { try readDigits(of: name) }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try readDigits(of: name)
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self), isInteger: position == end)
    }

    /// At least one.
    private mutating func readDigits(of name: String) throws(FieldError) {
        let start = position
        while let byte = peek(), Self.isDigit(byte) { position += 1 }
        guard position > start else { throw unexpected("a digit", in: name) }
    }
}
