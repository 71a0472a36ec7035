import Foundation
import NIOCore
import SluiceTesting
import Testing

@testable import SluiceGateway

struct KeyMaskTests {
    private func masked(_ text: String, _ key: String, cuts: [Int]) -> String {
        var mask = KeyMask(UpstreamKey(key))
        var all = ByteBuffer()
        var rest = Array(text.utf8)[...]
        for cut in cuts {
            all.writeImmutableBuffer(mask.take(ByteBuffer(bytes: rest.prefix(cut))))
            rest = rest.dropFirst(cut)
        }
        all.writeImmutableBuffer(mask.take(ByteBuffer(bytes: rest)))
        all.writeImmutableBuffer(mask.finish())
        return String(buffer: all)
    }

    @Test func secretsAreMaskedHoweverTheyAreCut() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                ["aab", "aa", "b", "aabaabx", "x"].randomElement(using: &random) ?? ""
            }.joined()
            let cuts = (0..<5).map { _ in Int.random(in: 0...6, using: &random) }
            let result = masked(text, "aabaabx", cuts: cuts)
            #expect(result == text.replacingOccurrences(of: "aabaabx", with: "*******"))
        }
    }

    @Test func nothingIsHeldBackThatIsNoBeginning() {
        var mask = KeyMask(UpstreamKey("secret"))
        #expect(String(buffer: mask.take(ByteBuffer(string: "a sec"))) == "a ")
        #expect(String(buffer: mask.take(ByteBuffer(string: "ond"))) == "second")
        #expect(mask.finish().readableBytes == 0)
        var none = KeyMask(nil)
        #expect(String(buffer: none.take(ByteBuffer(string: "sec"))) == "sec")
    }

    @Test func keysAreNotPrinted() throws {
        let upstream = try Upstream(name: "a", kind: .openAI, baseURL: "https://a.example", apiKey: "sk-hidden")
        var dumped = ""
        dump(upstream, to: &dumped)
        for text in ["\(upstream)", String(reflecting: upstream), dumped] { #expect(!text.contains("sk-hidden")) }
    }
}
