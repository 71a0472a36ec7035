/// Reads JSON (RFC 8259) strictly and builds nothing: it tells where values are.
///
/// What it takes, every other parser takes too and understands in the same way, but for members of one name twice, which it
/// reports one after the other.
struct JSONScanner {
    /// Of lists and objects in each other.
    static let maximumDepth = 128
    /// Of an object that is read; one that is skipped may have any number.
    static let maximumMembers = 256

    let bytes: [UInt8]
    var position: Int
    /// How much text there was in what was read.
    private(set) var tally = TokenTally()

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// The members of the one object that the whole text is, in order.
    mutating func readDocument() throws(JSONSyntaxError) -> [JSONMember] {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONSyntaxError(expected: "valid UTF-8", position: 0)
        }
        skipSpace()
        let members = try readObject()
        skipSpace()
        guard position == bytes.count else { throw unexpected("nothing more") }
        return members
    }

    /// The members of the object that begins here, in order.
    mutating func readObject() throws(JSONSyntaxError) -> [JSONMember] {
        var members: [JSONMember] = []
        try expect("{")
        skipSpace()
        guard !take("}") else { return members }
        repeat {
            skipSpace()
            let name = try readString()
            try skipColon()
            let start = position
            try skipValue(depth: 1)
            members.append(JSONMember(name: name, value: start..<position))
            guard members.count <= Self.maximumMembers else {
                throw unexpected("at most \(Self.maximumMembers) members")
            }
            skipSpace()
        } while take(",")
        try expect("}")
        return members
    }

    /// - Parameter depth: in how many lists and objects the value stands.
    mutating func skipValue(depth: Int) throws(JSONSyntaxError) {
        switch peek() {
        case UInt8(ascii: "\""): tally.addString(bytes[try skipString()])
        case UInt8(ascii: "{"): try skipObject(depth: depth + 1)
        case UInt8(ascii: "["): try skipList(depth: depth + 1)
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipObject(depth: Int) throws(JSONSyntaxError) {
        try enter(depth)
        guard !take("}") else { return }
        repeat {
            skipSpace()
            tally.addString(bytes[try skipString()])
            try skipColon()
            try skipValue(depth: depth)
            skipSpace()
        } while take(",")
        try expect("}")
    }

    private mutating func skipList(depth: Int) throws(JSONSyntaxError) {
        try enter(depth)
        guard !take("]") else { return }
        repeat {
            skipSpace()
            try skipValue(depth: depth)
            skipSpace()
        } while take(",")
        try expect("]")
    }

    private mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.maximumDepth else {
            throw unexpected("at most \(Self.maximumDepth) lists and objects in each other")
        }
        position += 1
        skipSpace()
    }

    private mutating func skipNumber() throws(JSONSyntaxError) {
        guard let first = peek(), first == UInt8(ascii: "-") || Self.isDigit(first) else {
            throw unexpected("a JSON value")
        }
        _ = take("-")
        if !take("0") { try skipDigits() }
        if take(".") { try skipDigits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try skipDigits()
        }
        tally.addNumber()
    }

    /// At least one.
    private mutating func skipDigits() throws(JSONSyntaxError) {
        let start = position
        while let byte = peek(), Self.isDigit(byte) { position += 1 }
        guard position > start else { throw unexpected("a digit") }
    }
}
