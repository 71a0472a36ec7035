import HummingbirdSluice

extension FlatJSONReader {
    mutating func readString(of name: String) throws(FieldError) -> String {
        try expect("\"")
        // What is decoded so far; stays empty, and costs nothing, where nothing is escaped.
        var text: [UInt8] = []
        var runStart = position
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                let run = bytes[runStart..<position]
                position += 1
                let decoded =
                    text.isEmpty
                    ? String(validating: run, as: UTF8.self) : String(validating: text + run, as: UTF8.self)
                if let decoded { return decoded }
                throw FieldError(field: Self.shown(name), reason: "is not valid UTF-8")
            case UInt8(ascii: "\\"):
                text += bytes[runStart..<position]
                position += 1
                text += String(try readEscape(of: name)).utf8
                runStart = position
            case 0..<0x20:
                throw unexpected("control characters to be escaped", in: name)
            default:
                position += 1
            }
        }
        throw unexpected("the end of a string", in: name)
    }

    /// What follows a backslash.
    private mutating func readEscape(of name: String) throws(FieldError) -> Unicode.Scalar {
        let byte = peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try readUnicodeEscape(of: name)
        default:
            position -= 1
            throw unexpected("one of JSON's escapes", in: name)
        }
    }

    /// What follows `\u`: characters beyond U+FFFF take two escapes, the halves of a surrogate pair.
    private mutating func readUnicodeEscape(of name: String) throws(FieldError) -> Unicode.Scalar {
        let first = try readHex(of: name)
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, take("\\"), take("u") {
            let second = try readHex(of: name)
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return scalar
            }
        }
        throw FieldError(field: Self.shown(name), reason: "has half of a surrogate pair")
    }

    /// Four digits.
    private mutating func readHex(of name: String) throws(FieldError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw unexpected("four hexadecimal digits", in: name) }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
