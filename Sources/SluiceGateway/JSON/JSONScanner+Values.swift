extension JSONScanner {
    /// The value at a place that this scanner has been over.
    static func scalar(in bytes: [UInt8], at place: Range<Int>) -> JSONScalar {
        var scanner = JSONScanner(bytes, at: place.lowerBound)
        switch scanner.peek() {
        case UInt8(ascii: "\""): return (try? scanner.readString()).map { .string($0) } ?? .other
        case UInt8(ascii: "t"): return .bool(true)
        case UInt8(ascii: "f"): return .bool(false)
        case UInt8(ascii: "n"): return .null
        default: return Int64(String(decoding: bytes[place], as: UTF8.self)).map { .integer($0) } ?? .other
        }
    }

    /// The numbers of an object, and of the objects in it as `outer.inner`; nothing where the text is no object. Rounded, and moved
    /// into 64 bits: some providers write `12.0`.
    static func numbers(in bytes: [UInt8]) -> [String: Int64] {
        var scanner = JSONScanner(bytes)
        guard let members = try? scanner.readDocument() else { return [:] }
        return numbers(of: members, in: bytes, prefix: "", depth: 1)
    }

    private static func numbers(
        of members: [JSONMember], in bytes: [UInt8], prefix: String, depth: Int
    ) -> [String: Int64] {
        var numbers: [String: Int64] = [:]
        for member in members {
            var scanner = JSONScanner(bytes, at: member.value.lowerBound)
            if let number = number(in: bytes, at: member.value) {
                numbers[prefix + member.name] = number
            } else if depth < 2, scanner.peek() == UInt8(ascii: "{"), let inner = try? scanner.readObject() {
                let parts = Self.numbers(of: inner, in: bytes, prefix: "\(member.name).", depth: depth + 1)
                numbers.merge(parts) { _, last in last }
            }
        }
        return numbers
    }

    private static func number(in bytes: [UInt8], at place: Range<Int>) -> Int64? {
        guard let first = bytes[place].first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            return nil
        }
        let text = String(decoding: bytes[place], as: UTF8.self)
        if let whole = Int64(text) { return whole }
        guard let number = Double(text) else { return nil }
        return Int64(exactly: number.rounded()) ?? (number < 0 ? .min : .max)
    }
}
