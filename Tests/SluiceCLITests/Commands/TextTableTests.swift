import Testing

@testable import SluiceCLI

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        let table = TextTable(header: ["a", "name"], rows: [["long", "é"], ["x", ""]])
        #expect(table.text == "a     name\nlong  é\nx")
    }

    /// The names of keys and models are other people's.
    @Test func aCellMovesNoCursorAndMakesNoLine() {
        let table = TextTable(header: ["a"], rows: [["b\u{1B}[2J\nc\u{202E}d\u{2028}"]])
        #expect(table.text == #"a\#nb\u{1B}[2J\nc\u{202E}d\u{2028}"#)
    }
}
