import SluiceTesting

/// Makes JSON of every form, with space and escapes where they may be.
struct RandomJSON {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func object(depth: Int) -> String {
        let count = Int.random(in: 0...5, using: &generator)
        var members: [String] = []
        for index in 0..<count {
            members.append(
                space() + string(text() + "\(index)") + space() + ":" + space() + value(depth: depth + 1) + space())
        }
        return space() + "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}" + space()
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &generator) {
        case 0: return "null"
        case 1: return Bool.random(using: &generator) ? "true" : "false"
        case 2: return "\(Int64.random(in: .min ... .max, using: &generator))"
        case 3: return "-\(Int.random(in: 0...9, using: &generator)).50e-\(Int.random(in: 0...99, using: &generator))"
        case 4, 5: return string(text())
        case 6: return object(depth: depth)
        default:
            var items: [String] = []
            for _ in 0..<Int.random(in: 0...4, using: &generator) { items.append(value(depth: depth + 1)) }
            return "[" + space() + items.joined(separator: space() + "," + space()) + space() + "]"
        }
    }

    mutating func text() -> String {
        let scalars: [Unicode.Scalar] = ["a", "Z", "0", " ", "{", "}", "[", ",", ":", "é", "日", "😀", "\"", "\\", "\n"]
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            text.unicodeScalars.append(scalars.randomElement(using: &generator) ?? "a")
        }
        return text
    }

    /// With some characters escaped that need not be.
    private mutating func string(_ text: String) -> String {
        var result = ""
        for character in text.utf16 {
            let isPlain = character != 0x22 && character != 0x5C && character >= 0x20 && character < 0x80
            if isPlain, Int.random(in: 0..<5, using: &generator) > 0 {
                result.unicodeScalars.append(Unicode.Scalar(UInt8(character)))
            } else {
                let digits = String(character, radix: 16, uppercase: Bool.random(using: &generator))
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return "\"\(result)\""
    }

    private mutating func space() -> String {
        ["", "", "", " ", "\n", "\t\r\n "].randomElement(using: &generator) ?? ""
    }
}
