import Testing

@testable import SluiceGateway

@Suite("What is JSON and what is not")
struct JSONScannerTests {
    private func read(_ text: String) throws -> [JSONMember] {
        var scanner = JSONScanner(Array(text.utf8))
        return try scanner.readDocument()
    }

    @Test(
        "takes what RFC 8259 allows",
        arguments: [
            "{}", " \t\r\n{ } \n", #"{"":0}"#, #"{"a":[],"b":{},"c":[[{}]]}"#, #"{"a":-0.5e+10,"b":0,"c":1E2}"#,
            #"{"a":[true,false,null]}"#, #"{"a":"\"\\\/\b\f\n\r\té\ud83d\ude00"}"#, #"{"a":"日本語 😀"}"#,
            // Half of a surrogate pair in a value is within the grammar, and clients send it.
            #"{"a":"\ud83d"}"#, "{\"a\":\"\u{7F}\"}",
        ])
    func takes(text: String) throws {
        _ = try read(text)
    }

    @Test(
        "refuses everything else, and says where",
        arguments: [
            ("", 0), ("[]", 0), ("null", 0), ("\u{FEFF}{}", 0), ("{", 1), ("{}x", 2), ("{} {}", 3), (#"{"a"}"#, 4),
            (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), (#"{"a":1 "b":2}"#, 7), (#"{a:1}"#, 1), (#"{'a':1}"#, 1),
            (#"{"a":01}"#, 6), (#"{"a":+1}"#, 5), (#"{"a":1.}"#, 7), (#"{"a":.5}"#, 5), (#"{"a":1e}"#, 7),
            (#"{"a":-}"#, 6),
            (#"{"a":NaN}"#, 5), (#"{"a":Infinity}"#, 5), (#"{"a":nul}"#, 5), (#"{"a":tru"#, 5), (#"{"a":[1,]}"#, 8),
            (#"{"a":"x}"#, 8), (#"{"a":"\x"}"#, 7), (#"{"a":"\u12g4"}"#, 10), ("{\"a\":\"\n\"}", 6),
            (#"{"a":"\"#, 7), (#"{"a":"\u12"#, 10), (#"{"a":1]"#, 6), (#"{"\ud83d":1}"#, 8), ("{/**/}", 1),
        ])
    func refuses(text: String, position: Int) throws {
        let error = #expect(throws: JSONSyntaxError.self) { _ = try read(text) }
        #expect(error?.position == position, "\(text)")
    }

    @Test("refuses bytes that are no UTF-8, also inside of strings")
    func refusesBadUTF8() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
            var scanner = JSONScanner(Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8))
            #expect(throws: JSONSyntaxError.self) { _ = try scanner.readDocument() }
        }
    }

    @Test("goes as deep as its limit and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
        }
        _ = try read(nested(JSONScanner.maximumDepth))
        #expect(throws: JSONSyntaxError.self) { _ = try read(nested(JSONScanner.maximumDepth + 1)) }
        #expect(throws: JSONSyntaxError.self) { _ = try read(#"{"a":"# + String(repeating: "[", count: 1_000_000)) }
    }

    @Test("sees through escapes in names, and tells where values are")
    func members() throws {
        let text = #"{ "mod\u0065l" : "a\nb" ,"n":12, "o" : {"x":[1]} }"#
        let bytes = Array(text.utf8)
        let members = try read(text)
        #expect(members.map(\.name) == ["model", "n", "o"])
        #expect(members.map { String(decoding: bytes[$0.value], as: UTF8.self) } == [#""a\nb""#, "12", #"{"x":[1]}"#])
        #expect(JSONScanner.scalar(in: bytes, at: members[0].value) == .string("a\nb"))
        #expect(JSONScanner.scalar(in: bytes, at: members[1].value) == .integer(12))
        #expect(JSONScanner.scalar(in: bytes, at: members[2].value) == .other)
    }

    @Test("finds the numbers of an object and of those in it, as whole ones, and nothing in a text that is none")
    func numbers() {
        let text = #"{"a":1,"b":{"c":2,"d":{"e":3}},"f":1.5,"g":null,"h":"7","i":99999999999999999999,"j":[4]}"#
        #expect(JSONScanner.numbers(in: Array(text.utf8)) == ["a": 1, "b.c": 2, "f": 2, "i": .max])
        #expect(JSONScanner.numbers(in: Array("[1]".utf8)).isEmpty)
    }
}
