import Testing

@testable import SluiceIdentity

@Suite("Strict readers")
struct StrictnessTests {
    @Test(
        "JSON is read by the letter",
        arguments: [
            (#"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, true), (#" [ 1 , -2.5e+3 , 0 ] "#, true),
            (#""\u00e9\n""#, true),
            (#""\ud83d\ude00""#, true), ("{}", true), ("[]", true), (#"{"a":1,"a":1}"#, false),
            (#"{"a":1,"\u0061":2}"#, false), ("[1,]", false), ("{\"a\":1,}", false), ("[01]", false), ("[1.]", false),
            ("[.5]", false), ("[+1]", false), ("[1e]", false), ("[1e999]", false), ("[NaN]", false), ("", false),
            ("{} x", false),
            (#""\ud83d""#, false), (#""\ude00""#, false), (#""\x41""#, false), ("\"\n\"", false), (#"{"a" 1}"#, false),
            (#"{a:1}"#, false), ("'a'", false), ("[1 2]", false), ("tru", false), (#""\u+041""#, false), ("-", false),
            (String(repeating: "[", count: 16) + String(repeating: "]", count: 16), true),
            (String(repeating: "[", count: 17) + String(repeating: "]", count: 17), false),
            (String(repeating: "[", count: 100_000), false),
        ])
    func json(_ text: String, _ isJSON: Bool) {
        #expect((JSONReader.read(Array(text.utf8)) != nil) == isJSON)
    }

    @Test("what JSON means")
    func values() {
        #expect(
            JSONReader.read(Array(#"{"a":[1.5e2,"é\u00e9\ud83d\ude00\/"]}"#.utf8))?.object == [
                "a": .array([.number(150), .string("éé😀/")])
            ])
        #expect(JSONReader.read([UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")]) == nil)
    }

    @Test("any bytes at all are read or refused, never trapped on")
    func noise() {
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<24)).map { _ in
                Bool.random() ? UInt8.random(in: 0...255) : Array(#"{}[]",:\u0eE+-.1dtrue"#.utf8).randomElement() ?? 0
            }
            _ = JSONReader.read(bytes)
            if let decoded = Base64URL.decode(bytes) {
                #expect(encode(decoded) == String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    @Test("base64url has one text for each byte string")
    func base64URL() {
        for length in 0..<80 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            #expect(Base64URL.decode(encode(bytes).utf8) == bytes)
        }
        for text in ["A", "AB", "AAB", "AA==", "AA=", "A+", "A/AA", "AA\n", "AAAAA", " AA"] {
            #expect(Base64URL.decode(text.utf8) == nil, "\(text)")
        }
    }

    @Test("a bounded cache keeps what is used and never more than its capacity")
    func cache() {
        var cache = BoundedCache<Int, Int>(capacity: 100)
        for key in 0..<10_000 {
            cache.set(key, for: key)
            #expect(cache.count <= 100)
            #expect(cache.use(0) == 0)
            #expect(cache.peek(max(0, key - 40)) == max(0, key - 40))
        }
        #expect(cache.peek(5_000) == nil)
        cache.updateAll { $0 = -1 }
        #expect(cache.use(0) == -1)
        cache.remove(0)
        #expect(cache.use(0) == nil)
        cache.removeAll()
        #expect(cache.count == 0)
    }
}
