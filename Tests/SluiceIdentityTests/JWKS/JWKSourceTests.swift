import Crypto
import CryptoExtras
import Foundation
import SluiceCore
import Synchronization
import Testing

@testable import SluiceIdentity

@Suite("JWKSource", .timeLimit(.minutes(10)))
struct JWKSourceTests {
    @Test("a new key counts as soon as a token names it; one that was withdrawn no more")
    func rotation() async throws {
        let (old, new) = (Signer.es256(), Signer.es256())
        let bench = TokenBench([old.entry(kid: "old")])
        let token = try old.token(bench.claims(), kid: "old")
        #expect(await bench.verifier.authenticate(token) == bench.known)
        bench.document.serve(Signer.set([new.entry(kid: "new")]))
        bench.clock.advance(.seconds(10))
        #expect(await bench.verifier.authenticate(try new.token(bench.claims(), kid: "new")) == bench.known)
        #expect(bench.document.asked == 2)
        #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
    }

    @Test("however many unknown keys are named, the issuer is asked once in ten seconds")
    func hammering() async throws {
        let signer = Signer.es256()
        let bench = TokenBench([signer.entry(kid: "k")])
        for round in 1...3 {
            for attempt in 0..<100 {
                let token = try signer.token(bench.claims(), kid: "random-\(round)-\(attempt)")
                #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
            }
            #expect(bench.document.asked == round)
            #expect(await bench.verifier.authenticate(try signer.token(bench.claims(), kid: "k")) == bench.known)
            bench.clock.advance(.seconds(10))
        }
    }

    @Test("while the issuer is away the last keys count for a day; without any nothing can be told")
    func away() async throws {
        let signer = Signer.es256()
        let bench = TokenBench(nil)
        let token = try signer.token(bench.claims(["exp": "\(bench.clock.seconds + 1_000_000)"]), kid: "k")
        #expect(await bench.verifier.authenticate(token) == .unavailable(retryAfter: .seconds(10)))
        bench.clock.advance(.seconds(4))
        #expect(await bench.verifier.authenticate(token) == .unavailable(retryAfter: .seconds(6)))
        #expect(bench.document.asked == 1 && bench.source.lastFailure == .unreachable)
        // The secret needs no issuer.
        let local = try Signer.hs256(TokenBench.secret).token(bench.claims())
        #expect(await bench.verifier.authenticate(local) == bench.known)

        bench.document.serve(Signer.set([signer.entry(kid: "k")]))
        bench.clock.advance(.seconds(6))
        #expect(await bench.verifier.authenticate(token) == bench.known)
        bench.document.serve(nil)
        await #expect(throws: JWKSError.unreachable) { try await bench.source.refresh() }
        bench.clock.advance(.seconds(86_399))
        #expect(await bench.verifier.authenticate(token) == bench.known)
        bench.clock.advance(.seconds(1))
        #expect(await bench.verifier.authenticate(token) == .unavailable(retryAfter: .seconds(10)))
        #expect(bench.source.keyCount == nil)
    }

    @Test("the keys are loaded once for all who wait for them")
    func singleFlight() async throws {
        let (signer, gate) = (Signer.es256(), Gate())
        let asked = Mutex(0)
        let clock = TestClock()
        let source = JWKSource(settings: JWKSettings(deadline: .seconds(600)), uptime: { clock.uptime }) {
            asked.withLock { $0 += 1 }
            await gate.pass()
            return Signer.set([signer.entry(kid: "k")])
        }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { if case .key = await source.find(.es256, id: "k") { true } else { false } }
            }
            await gate.arrivals(1)
            gate.open()
            for await isFound in group { #expect(isFound) }
        }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test("an issuer that does not answer holds nobody up beyond the deadline")
    func hanging() async {
        let gate = Gate()
        let source = JWKSource(settings: JWKSettings(deadline: .milliseconds(20))) {
            await gate.pass()
            return []
        }
        await #expect(throws: JWKSError.unreachable) { try await source.refresh() }
        gate.open()
    }

    @Test("documents that are none, or too much, change nothing")
    func documents() async throws {
        let signer = Signer.edDSA()
        let bench = TokenBench([signer.entry(kid: "k")])
        try await bench.source.refresh()
        let tooMany = Array(repeating: "{}", count: 101)
        let documents: [(String, JWKSError)] = [
            ("", .malformed), ("[]", .malformed), ("{}", .malformed), (#"{"keys":{}}"#, .malformed),
            (#"{"keys":[],"keys":[]}"#, .malformed), ("<html>", .malformed),
            (#"{"keys":[\#(tooMany.joined(separator: ","))]}"#, .tooManyKeys(101)),
            (String(repeating: " ", count: 524_289), .tooLarge(bytes: 524_289)),
        ]
        for (document, error) in documents {
            bench.document.serve(Array(document.utf8))
            await #expect(throws: error) { try await bench.source.refresh() }
            #expect(bench.source.keyCount == 1)
        }
        bench.document.serve(Signer.set([]))
        try await bench.source.refresh()
        #expect(bench.source.keyCount == 0)
    }

    @Test("entries that cannot verify a signature are left out")
    func entries() async throws {
        let (ec, secret) = (Signer.es256(), encode(Array(TokenBench.secret.utf8)))
        let small = encode([0xC1] + (0..<127).map { _ in UInt8.random(in: 0...255) | 1 })
        let useless = [
            #"{"kty":"oct","k":"\#(secret)","kid":"k","alg":"HS256"}"#, ec.entry(kid: "k", ["use": "enc"]),
            ec.entry(kid: "k", ["alg": "ES384"]), ec.entry(kid: "k", ["alg": "HS256"]),
            ec.entry(kid: "k", ["crv": "P-384"]),
            ec.entry(kid: "k", ["kty": "RSA"]), ec.entry(kid: "k", ["crv": "secp256k1"]),
            ec.entry(kid: "k", ["x": "AAAA"]),
            ec.entry(kid: "k", ["y": encode(repeatElement(7, count: 32))]),
            #"{"kty":"RSA","n":"\#(small)","e":"AQAB","kid":"k"}"#,
            #"{"kty":"OKP","crv":"X25519","x":"\#(encode(repeatElement(7, count: 32)))","kid":"k"}"#, "7", "null", "{}",
            String(ec.entry(kid: "k").dropLast()) + #","key_ops":["sign"]}"#,
            String(ec.entry(kid: nil).dropLast()) + #","kid":5}"#,
        ]
        let set = try await KeySet(Signer.set(useless))
        #expect(set.count == 0)
        for algorithm in TokenAlgorithm.allCases { #expect(set.find(algorithm, id: "k") == nil) }
        let one = try await KeySet(Signer.set(useless + [ec.entry(kid: "k", ["alg": "ES256"])]))
        #expect(one.count == 1 && one.find(.es256, id: "k") != nil && one.find(.es256, id: nil) != nil)
        #expect(one.find(.hs256, id: "k") == nil && one.find(.hs256, id: nil) == nil)
    }

    @Test("a file is read again when it was replaced")
    func file() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-jwks-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "keys.json")
        let source = JWKSource(file: path.path, settings: JWKSettings(deadline: .seconds(600)))
        await #expect(throws: JWKSError.unreadable(path: path.path, code: ENOENT)) { try await source.refresh() }
        for count in [1, 2, 0] {
            let entries = (0..<count).map { Signer.es256().entry(kid: "\($0)") }
            try Data(Signer.set(entries)).write(to: path, options: .atomic)
            let before = source.generation
            try await source.refresh()
            #expect(source.keyCount == count && source.generation == before + 1)
            try await source.refresh()
            #expect(source.generation == before + 1)
        }
        await #expect(throws: JWKSError.unreadable(path: folder.path, code: EINVAL)) {
            try await JWKSource(file: folder.path, settings: JWKSettings(deadline: .seconds(600))).refresh()
        }
        try Data(repeating: 0x20, count: 2_000_000).write(to: path)
        await #expect(throws: JWKSError.tooLarge(bytes: KeySet.maximumBytes + 1)) { try await source.refresh() }
    }

    @Test("keys are loaded at the start and then every five minutes until the end")
    func running() async throws {
        let naps = Mutex<[Duration]>([])
        let asked = Mutex(0)
        let source = JWKSource(
            settings: JWKSettings(deadline: .seconds(600)),
            sleep: { duration in
                let count = naps.withLock { naps in
                    naps.append(duration)
                    return naps.count
                }
                if count == 3 { throw CancellationError() }
            },
            fetch: {
                asked.withLock { $0 += 1 }
                return Signer.set([Signer.es256().entry(kid: "k")])
            })
        await source.run()
        #expect(asked.withLock { $0 } == 3 && naps.withLock { $0 } == Array(repeating: .seconds(300), count: 3))
        #expect(source.keyCount == 1)
    }
}
