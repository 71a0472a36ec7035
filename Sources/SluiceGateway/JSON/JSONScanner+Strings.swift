extension JSONScanner {
    /// What stands between the quotes.
    mutating func skipString() throws(JSONSyntaxError) -> Range<Int> {
        try expect("\"")
        let start = position
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            case UInt8(ascii: "\\"):
                position += 1
                _ = try readEscape()
            case 0..<0x20:
                throw unexpected("control characters to be escaped")
            default:
                position += 1
            }
        }
        throw unexpected("the end of a string")
    }

    /// - Throws: also for half of a surrogate pair, which stands for no text.
    mutating func readString() throws(JSONSyntaxError) -> String {
        let content = try skipString()
        guard bytes[content].contains(UInt8(ascii: "\\")) else {
            return String(decoding: bytes[content], as: UTF8.self)
        }
        var reader = JSONScanner(bytes, at: content.lowerBound)
        var text: [UInt8] = []
        while reader.position < content.upperBound {
            if reader.take("\\") {
                text += String(try reader.readScalar()).utf8
            } else {
                text.append(bytes[reader.position])
                reader.position += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The character of one escape, or of the two that a surrogate pair takes.
    private mutating func readScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = UInt32(try readEscape())
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, take("\\") {
            let second = UInt32(try readEscape())
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return scalar
            }
        }
        throw unexpected("both halves of a surrogate pair")
    }

    /// The UTF-16 unit for what follows a backslash.
    private mutating func readEscape() throws(JSONSyntaxError) -> UInt16 {
        guard let byte = peek() else { throw unexpected("the end of a string") }
        guard byte != UInt8(ascii: "u") else { return try readHex() }
        guard let unit = Self.escapes[byte] else { throw unexpected("one of JSON's escapes") }
        position += 1
        return unit
    }

    private static let escapes: [UInt8: UInt16] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x8,
        UInt8(ascii: "f"): 0xC, UInt8(ascii: "n"): 0xA, UInt8(ascii: "r"): 0xD, UInt8(ascii: "t"): 0x9,
    ]

    /// `u` and four digits.
    private mutating func readHex() throws(JSONSyntaxError) -> UInt16 {
        position += 1
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw unexpected("four hexadecimal digits") }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
