/// Reads JSON (RFC 8259) without any leniency, for documents that decide who gets in.
///
/// A name that stands twice in an object is refused: of two readers one would take the first and the other the last, and
/// whoever signed the document may have meant the other. So is nesting beyond ``maximumDepth``.
struct JSONReader {
    static let maximumDepth = 16

    private struct Malformed: Error {}

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// `nil` unless `bytes` are one JSON value in UTF-8.
    static func read(_ bytes: [UInt8]) -> JSONValue? {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = JSONReader(bytes)
        do throws(Malformed) {
            let value = try reader.value(depth: 0)
            reader.skipSpace()
            return reader.position == bytes.count ? value : nil
        } catch {
            return nil
        }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth < Self.maximumDepth else { throw Malformed() }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(Malformed) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        position += 1
        if take("}") { return members }
        repeat {
            skipSpace()
            let name = try string()
            guard take(":"), members.updateValue(try value(depth: depth + 1), forKey: name) == nil
            else { throw Malformed() }
        } while take(",")
        guard take("}") else { throw Malformed() }
        return members
    }

    private mutating func array(depth: Int) throws(Malformed) -> [JSONValue] {
        var elements: [JSONValue] = []
        position += 1
        if take("]") { return elements }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw Malformed() }
        return elements
    }

    private mutating func string() throws(Malformed) -> String {
        guard next == UInt8(ascii: "\"") else { throw Malformed() }
        position += 1
        var content: [UInt8] = []
        while let byte = next, byte >= 0x20 {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): content.append(contentsOf: Character(try escape()).utf8)
            default: content.append(byte)
            }
        }
        throw Malformed()
    }

    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw Malformed() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw Malformed()
        }
    }

    /// What follows `\u`, the second half of a surrogate pair included.
    private mutating func escapedScalar() throws(Malformed) -> Unicode.Scalar {
        let unit = try hexadecimal()
        guard 0xD800..<0xDC00 ~= unit else {
            guard let scalar = Unicode.Scalar(unit) else { throw Malformed() }
            return scalar
        }
        guard bytes[position...].starts(with: "\\u".utf8) else { throw Malformed() }
        position += 2
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low, let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw Malformed() }
        return scalar
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        guard bytes.count - position >= 4 else { throw Malformed() }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw Malformed() }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    private mutating func number() throws(Malformed) -> Double {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        let leading = next
        let digits = skipDigits()
        guard digits > 0, digits == 1 || leading != UInt8(ascii: "0") else { throw Malformed() }
        if next == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw Malformed() }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw Malformed() }
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)), value.isFinite
        else { throw Malformed() }
        return value
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position - start
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        let text = word.description.utf8
        guard bytes[position...].starts(with: text) else { throw Malformed() }
        position += text.count
        return value
    }

    /// Takes one character if it comes next, after any space.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }
}
