import Crypto
import CryptoExtras
import Foundation
import SluiceCore
import Testing

@testable import SluiceIdentity

@Suite("Forged and broken tokens", .timeLimit(.minutes(10)))
struct ForgedTokenTests {
    private let good = Signer.hs256(TokenBench.secret)

    @Test(
        "a token without a signature is worth nothing", arguments: ["none", "None", "NONE", "nOnE", "", "HS384", "RS1"])
    func noAlgorithm(_ name: String) async throws {
        let bench = TokenBench([Signer.es256().entry(kid: "k")])
        for kid in ["", #","kid":"k""#] {
            let header = #"{"alg":"\#(name)"\#(kid)}"#
            let bare = "\(encode(header.utf8)).\(encode(bench.claims().utf8))."
            #expect(await bench.verifier.authenticate(bare) == .rejected(.unknown))
            let signed = try good.token(header: header, payload: bench.claims())
            #expect(await bench.verifier.authenticate(signed) == .rejected(.unknown))
        }
    }

    @Test("a public key is no secret: HS256 with any form of it is refused")
    func confusion() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let (rsa, ec) = (try Signer.rsa("RS256", key), P256.Signing.PrivateKey())
        let entries = [rsa.entry(kid: "rsa"), Signer.es256(ec).entry(kid: "ec")]
        let forms: [Data] = [
            Data(key.publicKey.pemRepresentation.utf8), Data((key.publicKey.pemRepresentation + "\n").utf8),
            key.publicKey.derRepresentation, Data(rsa.members["n", default: ""].utf8),
            Data(ec.publicKey.pemRepresentation.utf8), ec.publicKey.rawRepresentation, Data(entries[0].utf8),
        ]
        for bench in [TokenBench(entries), TokenBench(entries, secret: nil)] {
            for form in forms {
                for kid in ["rsa", "ec", nil] {
                    let token = try Signer.hs256(SymmetricKey(data: form)).token(bench.claims(), kid: kid)
                    #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
                }
            }
        }
    }

    @Test("a token that names one algorithm and is signed with another is refused")
    func otherAlgorithm() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let ec = Signer.es256()
        let bench = TokenBench([
            try Signer.rsa("RS256", key).entry(kid: "rsa", ["alg": "RS256"]), ec.entry(kid: "ec"),
        ])
        for (name, kid) in [("RS512", "rsa"), ("PS256", "rsa"), ("ES256", "rsa"), ("RS256", "ec"), ("EdDSA", "ec")] {
            for signer in [try Signer.rsa(name.hasPrefix("ES") || name == "EdDSA" ? "RS256" : name, key), ec] {
                let header = #"{"alg":"\#(name)","kid":"\#(kid)"}"#
                let token = try signer.token(header: header, payload: bench.claims())
                #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
            }
        }
    }

    @Test("the token's own key, or where it says that one is, does not count")
    func ownKey() async throws {
        let attacker = Signer.es256()
        let bench = TokenBench([Signer.es256().entry(kid: "k")])
        for more in [#""jwk":\#(attacker.entry(kid: "k"))"#, #""jku":"http://127.0.0.1/keys""#, #""x5c":["AAAA"]"#] {
            for kid in ["", #","kid":"k""#] {
                let token = try attacker.token(header: #"{"alg":"ES256"\#(kid),\#(more)}"#, payload: bench.claims())
                #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
            }
        }
    }

    @Test("nobody is let in by a key of another name, or without a name where there are several")
    func names() async throws {
        let (one, two) = (Signer.es256(), Signer.es256())
        let bench = TokenBench([one.entry(kid: "one"), two.entry(kid: "two")])
        for kid in ["two", "three", "", "ONE", nil] {
            #expect(
                await bench.verifier.authenticate(try one.token(bench.claims(), kid: kid)) == .rejected(.unknown))
        }
        #expect(await bench.verifier.authenticate(try two.token(bench.claims())) == .rejected(.unknown))
        #expect(await bench.verifier.authenticate(try one.token(bench.claims(), kid: "one")) == bench.known)
    }

    @Test(
        "claims that let nobody in",
        arguments: [
            (["sub": nil], .claims), (["sub": #""alice""#], .claims), (["sub": "7"], .claims),
            (["sub": #""""#], .claims),
            (["role": nil], .claims), (["role": #""root""#], .claims), (["role": #"["admin"]"#], .claims),
            (["role": #""Admin""#], .claims), (["exp": nil], .claims), (["exp": #""4000000000""#], .claims),
            (["exp": "null"], .claims), (["exp": "1e300"], .claims), (["nbf": #""0""#], .claims),
            (["exp": "0"], .expired),
            (["exp": "-5"], .expired), (["exp": "1799999970"], .expired), (["nbf": "1800000031"], .early),
            (["iat": "1800000031"], .early), (["iss": nil], .foreign), (["iss": #""https://other""#], .foreign),
            (["iss": #"["https://issuer"]"#], .foreign), (["aud": nil], .foreign), (["aud": #""other""#], .foreign),
            (["aud": #"["other","sluic"]"#], .foreign), (["aud": "[]"], .foreign),
            (["aud": #"{"sluice":1}"#], .foreign),
        ] as [([String: String?], Authentication.Rejection)])
    func claims(_ changes: [String: String?], _ reason: Authentication.Rejection) async throws {
        let bench = TokenBench(rules: TokenRules(issuer: "https://issuer", audience: "sluice"))
        let right: [String: String?] = ["iss": #""https://issuer""#, "aud": #""sluice""#]
        #expect(await bench.verifier.authenticate(try good.token(bench.claims(right))) == bench.known)
        let token = try good.token(bench.claims(right.merging(changes) { $1 }))
        #expect(await bench.verifier.authenticate(token) == .rejected(reason))
    }

    @Test(
        "claims within the leeway, and in their other forms, are good",
        arguments: [
            ["exp": "1799999971"], ["exp": "1800000000.5"], ["nbf": "1800000030"], ["iat": "1800000030"], ["iat": nil],
            ["aud": #"["x","sluice"]"#], ["exp": "1.9e9"], ["more": #"{"a":[1,{"b":null}]}"#],
        ] as [[String: String?]])
    func leeway(_ changes: [String: String?]) async throws {
        let bench = TokenBench(rules: TokenRules(audience: "sluice"))
        let token = try good.token(bench.claims(["aud": #""sluice""#].merging(changes) { $1 }))
        #expect(await bench.verifier.authenticate(token) == bench.known)
    }

    @Test("a token of which one bit differs is refused")
    func tampered() async throws {
        let signer = Signer.edDSA()
        let bench = TokenBench([signer.entry(kid: "k")])
        for token in [try good.token(bench.claims()), try signer.token(bench.claims(), kid: "k")] {
            #expect(await bench.verifier.authenticate(token) == bench.known)
            let characters = Array(token.utf8)
            for position in stride(from: 0, to: characters.count, by: 3) {
                var changed = characters
                changed[position] ^= 1
                let answer = await bench.verifier.authenticate(String(decoding: changed, as: UTF8.self))
                guard case .rejected = answer else {
                    Issue.record("let in with another character at \(position)")
                    continue
                }
            }
            let parts = token.split(separator: ".")
            let other = encode(bench.claims(["role": #""admin""#]).utf8)
            #expect(await bench.verifier.authenticate("\(parts[0]).\(other).\(parts[2])") == .rejected(.unknown))
            #expect(await bench.verifier.authenticate("\(parts[0]).\(parts[1]).") == .rejected(.unknown))
        }
    }

    @Test("a good token in another spelling is another token, and refused")
    func spelling() async throws {
        let bench = TokenBench()
        let token = try good.token(bench.claims())
        let parts = token.split(separator: ".").map(String.init)
        let padded = parts.map { $0 + String(repeating: "=", count: (4 - $0.count % 4) % 4) }
        // The last character of 32 bytes has two bits over.
        let last = try #require(
            parts[2].last.flatMap { character in "AEIMQUYcgkosw048".contains(character) ? character : nil })
        let over = try #require(last.asciiValue.map { Character(Unicode.Scalar($0 + 1)) })
        let spellings = [
            token + ".", "." + token, token + ".x", token + "=", token + " ", " " + token, token + "\n", token + "\0",
            padded.joined(separator: "."), parts[0] + "." + parts[1], parts[2], "..", "...", "a.b.c", "", "é.é.é",
            parts[0] + ".." + parts[1] + "." + parts[2], "\(parts[0]).\(parts[1]).\(parts[2].dropLast())\(over)",
        ]
        for spelling in spellings where spelling != token {
            #expect(await bench.verifier.authenticate(spelling) == .rejected(.malformed), "\(spelling)")
        }
        #expect(await bench.verifier.authenticate(token) == bench.known)
    }

    @Test(
        "headers that are not understood in full",
        arguments: [
            #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","b64":false}"#,
            #"{"alg":"HS256","kid":7}"#, #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#,
            #"{"alg":["HS256"]}"#,
            #"{"typ":"JWT"}"#, #"["HS256"]"#, #"{"alg":"HS256"} "x""#, "", "{", "HS256",
        ])
    func headers(_ header: String) async throws {
        let bench = TokenBench()
        let token = try good.token(header: header, payload: bench.claims())
        #expect(await bench.verifier.authenticate(token) == .rejected(.malformed))
    }

    @Test("claims that stand twice, or are no object, let nobody in")
    func payloads() async throws {
        let bench = TokenBench()
        let claims = bench.claims().dropLast()
        for payload in [
            claims + #","role":"admin"}"#, claims + #","r\u006fle":"admin"}"#, claims + #","sub":"\#(bench.user)"}"#,
            "[\(claims)}]",
            "null", "7", "", claims + ",}",
        ] {
            #expect(await bench.verifier.authenticate(try good.token(payload)) == .rejected(.malformed))
        }
    }

    @Test("tokens are bounded in size, however they are signed")
    func size() async throws {
        let bench = TokenBench()
        func token(_ padding: Int) throws -> String {
            try good.token(bench.claims(["pad": #""\#(String(repeating: "x", count: padding))""#]))
        }
        let base = try token(0).utf8.count
        let fitting = (CompactToken.maximumLength - base) * 3 / 4
        #expect(await bench.verifier.authenticate(try token(fitting - 3)) == bench.known)
        #expect(await bench.verifier.authenticate(try token(fitting + 3)) == .rejected(.malformed))
        #expect(
            await bench.verifier.authenticate(String(repeating: "a.", count: 5_000_000)) == .rejected(.malformed))
    }

    @Test("an ECDSA signature of zeros, or of no size at all, is refused", arguments: [0, 1, 63, 64, 65, 128])
    func zeros(_ length: Int) async throws {
        let bench = TokenBench([Signer.es256().entry(kid: "k"), Signer.edDSA().entry(kid: "e")])
        for (name, kid) in [("ES256", "k"), ("EdDSA", "e")] {
            let forger = Signer(algorithm: name, sign: { _ in [UInt8](repeating: 0, count: length) }, members: [:])
            #expect(
                await bench.verifier.authenticate(try forger.token(bench.claims(), kid: kid)) == .rejected(.unknown))
        }
    }
}
