import SluiceCore
import Testing

@testable import SluiceIdentity

@Suite("APIKeySecret")
struct APIKeySecretTests {
    @Test("a key has its marker, 190 random bits and a checksum, and is read back as itself")
    func shape() throws {
        let keys = (0..<200).map { _ in APIKeySecret() }
        #expect(Set(keys.map { $0.reveal() }).count == keys.count)
        for key in keys {
            #expect(key.reveal().count == APIKeySecret.length && key.reveal().hasPrefix("sk_sluice_"))
            #expect(APIKeySecret(key.reveal())?.digest == key.digest)
            #expect(key.digest == KeyDigest(of: key.reveal()))
            #expect(key.prefix == key.reveal().prefix(16))
        }
    }

    @Test("the checksum is CRC-32 in six characters of base 62")
    func checksum() {
        #expect(KeyChecksum.crc32("123456789".utf8) == 0xCBF4_3926)
        #expect(String(decoding: KeyChecksum.of([]), as: UTF8.self) == "000000")
        #expect(String(decoding: KeyChecksum.of("123456789".utf8), as: UTF8.self) == "3jZRME")
    }

    @Test("one wrong character anywhere, or two swapped, is told without asking anybody")
    func typos() {
        let key = Array(APIKeySecret().reveal().utf8)
        for position in key.indices {
            for wrong in [UInt8(ascii: "0"), UInt8(ascii: "z"), UInt8(ascii: "-"), 0xC3] where key[position] != wrong {
                var typo = key
                typo[position] = wrong
                #expect(APIKeySecret(String(decoding: typo, as: UTF8.self)) == nil)
            }
            guard position > 0, key[position] != key[position - 1] else { continue }
            var swapped = key
            swapped.swapAt(position, position - 1)
            #expect(APIKeySecret(String(decoding: swapped, as: UTF8.self)) == nil)
        }
    }

    @Test("other lengths are no keys", arguments: [0, 1, 10, 47, 49, 4_000])
    func lengths(_ length: Int) {
        let text = APIKeySecret().reveal() + String(repeating: "0", count: 4_000)
        #expect(APIKeySecret(text.prefix(length)) == nil)
    }

    @Test("it shows itself nowhere")
    func silent() {
        let key = APIKeySecret()
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), String(describing: [key]), dumped] {
            #expect(!text.contains(key.reveal().dropFirst(16)) && !text.contains(key.reveal()))
        }
        let secret = TokenSecret(String(repeating: "s3cret", count: 8))
        var dumpedSecret = ""
        dump(secret, to: &dumpedSecret)
        #expect(!"\(String(describing: secret))\(String(reflecting: secret))\(dumpedSecret)".contains("s3cret"))
    }

    @Test("static keys are found among many, and nothing else is")
    func staticKeys() {
        let names = (0..<20).map { "service-key-number-\($0)-\(UInt64.random(in: 0 ... .max))" }
        let keys = StaticServiceKeys(names.map { KeyDigest(of: $0) })
        #expect(names.allSatisfy { keys.contains(KeyDigest(of: $0)) })
        #expect(!keys.contains(KeyDigest(of: names[3].dropLast())) && !keys.contains(KeyDigest(of: "")))
        #expect(StaticServiceKeys().isEmpty && !StaticServiceKeys().contains(KeyDigest(of: names[0])))
    }
}
