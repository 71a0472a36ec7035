/// A change to a JSON text that leaves every byte beside it as it is.
struct JSONEdit {
    /// Empty where something is put in.
    let place: Range<Int>
    let text: [UInt8]

    init(_ place: Range<Int>, _ text: [UInt8]) {
        self.place = place
        self.text = text
    }

    /// Puts a member before all others of the object that begins at `start`.
    static func insert(_ member: String, intoObjectAt start: Int, isEmpty: Bool) -> JSONEdit {
        JSONEdit((start + 1)..<(start + 1), Array((isEmpty ? member : member + ",").utf8))
    }

    /// `bytes` with all of `edits`, whose places do not overlap.
    static func apply(_ edits: [JSONEdit], to bytes: [UInt8]) -> [UInt8] {
        guard !edits.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + edits.reduce(0) { $0 + $1.text.count })
        var position = 0
        for edit in edits.sorted(by: { $0.place.lowerBound < $1.place.lowerBound }) {
            result += bytes[position..<edit.place.lowerBound]
            result += edit.text
            position = edit.place.upperBound
        }
        return result + bytes[position...]
    }

    /// `text` as a JSON string, quotes included.
    static func quoted(_ text: String) -> [UInt8] {
        var result = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): result += Array("\\n".utf8)
            case 0..<0x20: result += Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + String(byte, radix: 16).utf8
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "\"")]
    }
}
