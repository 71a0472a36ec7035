import SluiceCore
import Synchronization

@testable import SluiceIdentity

/// A verifier with a secret and an issuer whose document can be changed.
struct TokenBench {
    static let secret = "a secret of thirty-two bytes or more"

    let clock = TestClock()
    let user = UserID(bits: .random)
    let document: Issuer
    let source: JWKSource
    let verifier: TokenVerifier

    /// What the issuer serves, and how often it was asked.
    final class Issuer: Sendable {
        private let state = Mutex((document: [UInt8]?.none, asked: 0))
        var asked: Int { state.withLock { $0.asked } }
        func serve(_ document: [UInt8]?) { state.withLock { $0.document = document } }

        struct Away: Error {}

        func fetch() throws -> [UInt8] {
            let document = state.withLock { state in
                state.asked += 1
                return state.document
            }
            guard let document else { throw Away() }
            return document
        }
    }

    init(_ entries: [String]? = [], secret: String? = Self.secret, rules: TokenRules = TokenRules()) {
        let (clock, issuer) = (clock, Issuer())
        issuer.serve(entries.map(Signer.set))
        document = issuer
        source = JWKSource(
            settings: JWKSettings(deadline: .seconds(600)), uptime: { clock.uptime }, fetch: { try issuer.fetch() })
        verifier = TokenVerifier(
            secret: secret.flatMap { TokenSecret($0) }, issuerKeys: source, rules: rules, now: { clock.now })
    }

    /// Good claims, some of them replaced by JSON text or, by `nil`, left out.
    func claims(_ changes: [String: String?] = [:]) -> String {
        var claims: [String: String?] = [
            "sub": #""\#(user)""#, "role": #""agent""#, "exp": "\(clock.seconds + 600)", "iat": "\(clock.seconds)",
        ]
        claims.merge(changes) { $1 }
        let members = claims.compactMap { name, value in value.map { #""\#(name)":\#($0)"# } }
        return "{\(members.joined(separator: ","))}"
    }

    var known: Authentication { .known(Principal(user: user, role: .agent, credential: .token)) }
}
