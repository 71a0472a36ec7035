/// A strict reader of RFC 9651 Lists whose items are Strings with Integer parameters: the form of the `RateLimit` fields.
struct FieldList: Equatable {
    struct Item: Equatable {
        let name: String
        let parameters: [String: Int64]
    }

    enum Failure: Error {
        case expected(String, at: Int)
    }

    let items: [Item]

    init(_ field: String) throws {
        var parser = Parser(bytes: Array(field.utf8))
        var items = [try parser.item()]
        while !parser.isAtEnd {
            parser.skipSpace()
            try parser.expect(",")
            parser.skipSpace()
            items.append(try parser.item())
        }
        self.items = items
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }
        var next: UInt8? { isAtEnd ? nil : bytes[position] }

        mutating func skipSpace() {
            while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func expect(_ character: Unicode.Scalar) throws {
            guard take(character) else { throw Failure.expected("\(character)", at: position) }
        }

        mutating func item() throws -> Item {
            let name = try string()
            var parameters: [String: Int64] = [:]
            while take(";") {
                while take(" ") {}
                let key = try self.key()
                try expect("=")
                parameters[key] = try integer()
            }
            return Item(name: name, parameters: parameters)
        }

        mutating func string() throws -> String {
            try expect("\"")
            var text = ""
            while let byte = next, byte != UInt8(ascii: "\"") {
                position += 1
                guard (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\")
                else { throw Failure.expected("a plain character", at: position) }
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
            try expect("\"")
            return text
        }

        mutating func key() throws -> String {
            let start = position
            while let byte = next, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) { position += 1 }
            guard position > start else { throw Failure.expected("a key", at: position) }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        mutating func integer() throws -> Int64 {
            let start = position
            while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
            guard (1...15).contains(position - start),
                let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self))
            else { throw Failure.expected("1 to 15 digits", at: start) }
            return value
        }
    }
}
