extension JSONScanner {
    func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func skipColon() throws(JSONSyntaxError) {
        skipSpace()
        try expect(":")
        skipSpace()
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipWord(_ word: StaticString) throws(JSONSyntaxError) {
        guard word.withUTF8Buffer({ bytes[position...].starts(with: $0) }) else { throw unexpected("\(word)") }
        position += word.utf8CodeUnitCount
    }

    mutating func expect(_ character: Unicode.Scalar) throws(JSONSyntaxError) {
        guard take(character) else { throw unexpected("\(character)") }
    }

    func unexpected(_ expected: String) -> JSONSyntaxError {
        JSONSyntaxError(expected: expected, position: position)
    }
}
