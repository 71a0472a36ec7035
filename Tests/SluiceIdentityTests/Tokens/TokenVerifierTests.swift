import Crypto
import CryptoExtras
import JWTKit
import SluiceCore
import Testing

@testable import SluiceIdentity

@Suite("TokenVerifier", .timeLimit(.minutes(10)))
struct TokenVerifierTests {
    private struct Claims: JWTPayload {
        let sub: String
        let role: String
        let exp: Int64

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    @Test("tokens of every algorithm are verified with the issuer's keys")
    func algorithms() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let signers =
            try ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map { try Signer.rsa($0, key) }
            + [.es256(), .es384(), .es512(), .edDSA()]
        let bench = TokenBench(signers.map { $0.entry(kid: $0.algorithm, ["use": "sig", "alg": $0.algorithm]) })
        for signer in signers {
            let token = try signer.token(bench.claims(), kid: signer.algorithm)
            #expect(await bench.verifier.authenticate(token) == bench.known, "\(signer.algorithm)")
            #expect(await bench.verifier.authenticate(try signer.token(bench.claims())) == bench.known)
            // Under the name of any other key it is worth nothing.
            for other in signers where other.algorithm != signer.algorithm {
                let lie = try signer.token(bench.claims(["jti": "1"]), kid: other.algorithm)
                #expect(await bench.verifier.authenticate(lie) == .rejected(.unknown))
            }
        }
        #expect(bench.document.asked == 1)
        #expect(bench.source.keyCount == signers.count)
    }

    @Test("an RSA key without an algorithm verifies those of its kind")
    func familyOfKey() async throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let bench = TokenBench([try Signer.rsa("RS256", key).entry(kid: "k")])
        for name in ["RS256", "RS512", "PS256"] {
            let token = try Signer.rsa(name, key).token(bench.claims(), kid: "k")
            #expect(await bench.verifier.authenticate(token) == bench.known)
        }
    }

    @Test("tokens that jwt-kit signs are good here")
    func jwtKit() async throws {
        let signer = Signer.es256()
        let ours = P256.Signing.PrivateKey()
        let bench = TokenBench([signer.entry(kid: "other"), Signer.es256(ours).entry(kid: "ours")])
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: TokenBench.secret), digestAlgorithm: .sha256, kid: "secret")
        await keys.add(ecdsa: try ES256PrivateKey(backing: ours), kid: "ours")
        let claims = Claims(sub: bench.user.description, role: "agent", exp: bench.clock.seconds + 60)
        for kid in ["secret", "ours"] as [JWKIdentifier] {
            #expect(await bench.verifier.authenticate(try await keys.sign(claims, kid: kid)) == bench.known)
        }
    }

    @Test("roles and users are those of the claims", arguments: Role.allCases)
    func principal(_ role: Role) async throws {
        let bench = TokenBench()
        let token = try Signer.hs256(TokenBench.secret).token(bench.claims(["role": #""\#(role.rawValue)""#]))
        #expect(
            await bench.verifier.authenticate(token)
                == .known(Principal(user: bench.user, role: role, credential: .token)))
    }

    @Test("without a secret no HS256 token is good, without an issuer no other one")
    func unconfigured() async throws {
        let bench = TokenBench(secret: nil)
        for secret in ["", TokenBench.secret] {
            let token = try Signer.hs256(SymmetricKey(data: Array(secret.utf8))).token(bench.claims())
            #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
        }
        let lone = TokenVerifier(secret: TokenSecret(TokenBench.secret), issuerKeys: nil, now: { bench.clock.now })
        #expect(await lone.authenticate(try Signer.es256().token(bench.claims())) == .rejected(.unknown))
        #expect(await lone.authenticate(try Signer.hs256(TokenBench.secret).token(bench.claims())) == bench.known)
        #expect(TokenSecret(String(repeating: "x", count: 31)) == nil)
    }

    @Test("a verified token is remembered until it ends, and forgotten when the keys change")
    func remembered() async throws {
        let signer = Signer.es256()
        let bench = TokenBench([signer.entry(kid: "a")])
        let token = try signer.token(bench.claims(["exp": "\(bench.clock.seconds + 3_600)"]), kid: "a")
        #expect(await bench.verifier.authenticate(token) == bench.known)
        #expect(await bench.verifier.authenticate(token) == bench.known)
        bench.document.serve(Signer.set([Signer.es256().entry(kid: "a")]))
        try await bench.source.refresh()
        #expect(await bench.verifier.authenticate(token) == .rejected(.unknown))
        bench.document.serve(Signer.set([signer.entry(kid: "a")]))
        try await bench.source.refresh()
        #expect(await bench.verifier.authenticate(token) == bench.known)
        bench.clock.advance(.seconds(3_629))
        #expect(await bench.verifier.authenticate(token) == bench.known)
        bench.clock.advance(.seconds(1))
        #expect(await bench.verifier.authenticate(token) == .rejected(.expired))
    }

    @Test("a remembered token is found without its key")
    func cacheIsUsed() throws {
        var cache = TokenCache(capacity: 10)
        let bench = TokenBench()
        let claims = try TokenClaims(Array(bench.claims().utf8), rules: TokenRules(), at: bench.clock.now)
        let digest = KeyDigest(of: "token")
        #expect(cache.principal(of: digest, generation: 1, at: bench.clock.now) == nil)
        cache.note(claims, of: digest, generation: 1)
        #expect(cache.principal(of: digest, generation: 1, at: bench.clock.now) == claims.principal)
        #expect(cache.principal(of: digest, generation: 1, at: claims.endsAt) == nil)
        #expect(cache.principal(of: digest, generation: 2, at: bench.clock.now) == nil)
        // Verified by keys that count no more.
        cache.note(claims, of: digest, generation: 1)
        #expect(cache.principal(of: digest, generation: 2, at: bench.clock.now) == nil)
    }
}
