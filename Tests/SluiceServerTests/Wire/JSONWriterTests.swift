import Foundation
import Hummingbird
import HummingbirdSluice
import NIOCore
import Testing

@Suite struct JSONWriterTests {
    @Test func nestsAndSeparates() {
        var json = JSONWriter()
        json.object { json in
            json.member("a", 1)
            json.key("list")
            json.array { json in
                json.object { $0.member("x", true) }
                json.array { _ in }
                json.null()
            }
            json.member("none", Int64?.none)
            json.member("b", "text")
        }
        #expect(String(buffer: json.buffer) == #"{"a":1,"list":[{"x":true},[],null],"none":null,"b":"text"}"#)
    }

    @Test func escapesWhatMustBe() throws {
        let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init))) + "\u{2028}😀"
        var json = JSONWriter()
        json.array { $0.string(all) }
        let read = try JSONSerialization.jsonObject(with: Data(json.buffer.readableBytesView)) as? [String]
        #expect(read == [all])
        #expect(!json.buffer.readableBytesView.contains { $0 < 0x20 })
    }
}
