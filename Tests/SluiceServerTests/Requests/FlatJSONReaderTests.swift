import Foundation
import HummingbirdSluice
import Testing

@testable import SluiceServer

@Suite struct FlatJSONReaderTests {
    struct Member: Equatable {
        let name: String
        let value: JSONScalar
    }

    static func read(_ bytes: [UInt8]) throws(FieldError) -> [Member] {
        var members: [Member] = []
        var reader = FlatJSONReader(bytes)
        try reader.readObject { (name, value) throws(FieldError) in members.append(Member(name: name, value: value)) }
        return members
    }

    @Test func readsEveryScalar() throws {
        let text = #" { "s" : "a" , "n":-12,"f":1.5e-3,"z":0, "t":true,"u":false,"x":null } "# + "\r\n\t"
        #expect(
            try Self.read(Array(text.utf8)) == [
                Member(name: "s", value: .string("a")), Member(name: "n", value: .number("-12", isInteger: true)),
                Member(name: "f", value: .number("1.5e-3", isInteger: false)),
                Member(name: "z", value: .number("0", isInteger: true)), Member(name: "t", value: .bool(true)),
                Member(name: "u", value: .bool(false)), Member(name: "x", value: .null),
            ])
        #expect(try Self.read(Array("{}".utf8)).isEmpty)
    }

    @Test func decodesStrings() throws {
        let text = #"{"é\u00e9\"\\\/\b\f\n\r\t":"\ud83d\ude00 😀 \u0000"}"#
        #expect(
            try Self.read(Array(text.utf8))
                == [Member(name: "éé\"\\/\u{8}\u{C}\n\r\t", value: .string("😀 😀 \0"))])
    }

    @Test(arguments: [
        "", " ", "[]", "1", "null", "{", "}", "{}{}", "{} x", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
        #"{"a":1 "b":2}"#, #"{a:1}"#, #"{'a':1}"#, #"{"a":'b'}"#, "\u{FEFF}{}", "{/**/}", #"{"a":tru}"#,
        #"{"a":truex}"#,
        #"{"a":"b"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12g4"}"#, "{\"a\":\"\n\"}", "{\"a\":\"\u{0}\"}",
        #"{"a":"\ud800"}"#, #"{"a":"\udc00"}"#, #"{"a":"\ud800\ud800"}"#, #"{"a":"\ud800x"}"#, #"{"a":"\"#,
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(throws: FieldError.self) { try Self.read(Array(text.utf8)) }
    }

    @Test(arguments: [
        "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "1e", "1e+", "-", "0x10", "1_000", "--1", "1.e3", "[1]",
        "{}",
    ])
    func namesTheMemberOfAWrongValue(value: String) {
        // A number that ends too soon is found by what follows it.
        let error = #expect(throws: FieldError.self) { try Self.read(Array(#"{"weight":\#(value)}"#.utf8)) }
        #expect(error.map { ["weight", "body"].contains($0.field) } == true)
    }

    @Test(
        arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) throws {
        let error = #expect(throws: FieldError.self) {
            try Self.read(Array(#"{"user":""#.utf8) + bytes + Array(#""}"#.utf8))
        }
        #expect(error == FieldError(field: "user", reason: "is not valid UTF-8"))
    }

    @Test func echoesOnlyTheStartOfALongName() {
        let name = String(repeating: "n", count: 5_000)
        let error = #expect(throws: FieldError.self) { try Self.read(Array(#"{"\#(name)":[]}"#.utf8)) }
        #expect(error?.field.count == 65)
    }

    /// Mutations of good bodies: never a crash; what is accepted Foundation reads as the same; what is not has a reason.
    @Test func randomMutationsAreReadOrRefused() throws {
        let seeds = [
            #"{"user":"\#(Sample.user)","call_id":"\#(Sample.callID)","weight":17,"route":"/a\u00e9\n","model":null}"#,
            #"{"a":-0.5e+10,"b":true,"c":false,"d":"\ud83d\ude00","e":""}"#, "{}",
        ].map { Array($0.utf8) }
        let spice = Array(#"{}[]",:\u0e.-+ tfn"#.utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xFF]
        var accepted = 0
        for round in 0..<10_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...3) {
                let place = Int.random(in: 0...bytes.count)
                let byte = Bool.random() ? spice[Int.random(in: spice.indices)] : UInt8.random(in: 0...255)
                switch Int.random(in: 0..<4) {
                case 0: bytes.insert(byte, at: place)
                case 1 where place < bytes.count: bytes[place] = byte
                case 2 where place < bytes.count: bytes.remove(at: place)
                default: bytes = Array(bytes.prefix(place))
                }
            }
            do {
                let members = try Self.read(bytes)
                accepted += 1
                // Foundation refuses numbers that no Double can hold, which JSON allows.
                let hasNumber = members.contains { if case .number = $0.value { true } else { false } }
                let other = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
                #expect(
                    Set(members.map(\.name)) == other.map { Set($0.keys) } || (other == nil && hasNumber), "\(bytes)")
            } catch {
                #expect(!error.reason.isEmpty, "\(bytes)")
            }
        }
        #expect(accepted > 300)
    }
}
