import HummingbirdSluice

extension FlatJSONReader {
    func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func takeWord(_ word: StaticString) -> Bool {
        let isNext = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isNext { position += word.utf8CodeUnitCount }
        return isNext
    }

    mutating func expect(_ character: Unicode.Scalar) throws(FieldError) {
        guard take(character) else { throw unexpected("\(character)", in: "body") }
    }

    func unexpected(_ expected: String, in name: String) -> FieldError {
        let found = position < bytes.count ? "byte \(position)" : "the end"
        return FieldError(field: Self.shown(name), reason: "is not JSON: expected \(expected) at \(found)")
    }

    /// A name as it may be echoed: a caller gets to see enough to recognise it.
    static func shown(_ name: String) -> String {
        name.count <= 64 ? name : "\(name.prefix(64))…"
    }
}
