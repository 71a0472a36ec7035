import Benchmark
import Crypto
import Foundation
import HummingbirdSluice
import SluiceCore
import SluiceIdentity

/// Finding out who asks.
func measureIdentity() {
    let secret = "bench-secret-0123456789abcdef0123456789abcdef"
    measure(
        "identity: verify a token (HS256)", calls: 200,
        // As many more tokens than are remembered that each is verified anew.
        { try Presenting(tokens(signedWith: secret, 16), secret: secret, remembering: 2) },
        sample: { presenting, calls in try await presenting.present(calls) })
    measure(
        "identity: a token that is remembered", calls: 1_000,
        { try Presenting(tokens(signedWith: secret, 1), secret: secret, remembering: 10_000) },
        sample: { presenting, calls in try await presenting.present(calls) })
    measure(
        "identity: an API key that is remembered", calls: 1_000,
        { Presenting(APIKeySecret()) },
        sample: { presenting, calls in try await presenting.present(calls) })
}

private struct Presenting: Sendable {
    private let credentials: [String]
    private let authenticator: CredentialAuthenticator

    init(_ tokens: [String], secret: String, remembering maximum: Int) throws {
        guard let secret = TokenSecret(secret) else { throw Misled("the secret is too short") }
        credentials = tokens
        authenticator = CredentialAuthenticator(
            serviceKeys: StaticServiceKeys(), directory: nil,
            tokens: TokenVerifier(
                secret: secret, issuerKeys: nil, maximumRemembered: maximum, now: Timestamp.wallClock))
    }

    init(_ secret: APIKeySecret) {
        credentials = [secret.reveal()]
        let key = APIKey(
            id: KeyID(bits: UUIDBits(high: 1, low: 2)), prefix: secret.prefix, name: nil, user: Sample.user(1),
            role: .agent, createdAt: Sample.now)
        let directory = KeyDirectory(
            OneKey(key: key), settings: KeyDirectorySettings(freshFor: .seconds(3_600)), now: Timestamp.wallClock)
        authenticator = CredentialAuthenticator(serviceKeys: StaticServiceKeys(), directory: directory, tokens: nil)
    }

    func present(_ times: Int) async throws {
        for number in 0..<times {
            let answer = await authenticator.authenticate(credentials[number % credentials.count])
            guard case .known = answer else { throw Misled("a credential was not taken: \(answer)") }
        }
    }
}

/// Tokens of as many users, good for a day.
private func tokens(signedWith secret: String, _ count: Int) -> [String] {
    let key = SymmetricKey(data: Data(secret.utf8))
    let issued = Timestamp.wallClock().microseconds / 1_000_000
    return (0..<count).map { number in
        let claims = """
            {"sub":"\(Sample.user(number))","role":"agent","iat":\(issued),"exp":\(issued + 86_400)}
            """
        let signed = "\(encoded(Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8))).\(encoded(Data(claims.utf8)))"
        return "\(signed).\(encoded(Data(HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: key))))"
    }
}

/// Base64 as tokens have it (RFC 7515 section 2).
private func encoded(_ data: Data) -> String {
    data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

/// Knows one key.
private struct OneKey: KeyStore {
    let key: APIKey

    func find(_ digest: KeyDigest, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? { key }

    func create(_ key: NewAPIKey, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey { self.key }

    func list(
        user: UserID?, before: KeyID?, limit: Int, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [APIKey] {
        [key]
    }

    func revoke(_ id: KeyID, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? { nil }

    func noteUse(_ uses: [KeyID: Timestamp], deadline: ContinuousClock.Instant) async throws(StoreError) {}
}
