import SluiceTesting
import Testing

@testable import SluiceGateway

@Suite("Changing a JSON text")
struct JSONEditTests {
    @Test("leaves every byte beside the change as it is, in any text", arguments: 0..<200)
    func keepsOtherBytes(seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        let bytes = Array(random.object(depth: 0).utf8)
        var scanner = JSONScanner(bytes)
        let members = try scanner.readDocument()
        let start = try #require(bytes.firstIndex(of: UInt8(ascii: "{")))
        var edits = [JSONEdit.insert(#""new":1"#, intoObjectAt: start, isEmpty: members.isEmpty)]
        let replaced = members.randomElement(using: &random.generator)
        if let replaced { edits.append(JSONEdit(replaced.value, Array("[true]".utf8))) }

        let edited = JSONEdit.apply(edits.shuffled(using: &random.generator), to: bytes)

        var again = JSONScanner(edited)
        let after = try again.readDocument()
        #expect(after.map(\.name) == ["new"] + members.map(\.name))
        for (old, new) in zip(members, after.dropFirst()) {
            let expected = old == replaced ? Array("[true]".utf8) : Array(bytes[old.value])
            #expect(Array(edited[new.value]) == expected)
        }
        // Undone, it is the text of before.
        var undone = edits.map { edit in
            let shift = edits.filter { $0.place.lowerBound < edit.place.lowerBound }
                .reduce(0) { $0 + $1.text.count - $1.place.count }
            let lower = edit.place.lowerBound + shift
            return JSONEdit(lower..<(lower + edit.text.count), Array(bytes[edit.place]))
        }
        undone.reverse()
        #expect(JSONEdit.apply(undone, to: edited) == bytes)
    }

    @Test("quotes any text so that it is read back", arguments: 0..<50)
    func quotes(seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        let text = random.text() + "\u{0}\u{1F}\"\\\r\n\t\u{2028}é😀"
        var scanner = JSONScanner(JSONEdit.quoted(text))
        #expect(try scanner.readString() == text)
        #expect(scanner.peek() == nil)
    }
}
