public import SluiceCore
import Synchronization

/// Tells whose a JWT is: signed with a secret (HS256), or by an issuer whose public keys are known.
///
/// The key decides about the algorithm, never the token: HS256 is verified with the secret and nothing else, and a public key only
/// verifies the algorithms of its own kind.
public final class TokenVerifier: Sendable {
    private let secret: TokenSecret?
    private let issuerKeys: JWKSource?
    private let rules: TokenRules
    private let now: @Sendable () -> Timestamp
    private let cache: Mutex<TokenCache>

    /// - Parameters:
    ///   - secret: `nil` refuses every HS256 token.
    ///   - issuerKeys: `nil` refuses every other token.
    ///   - maximumRemembered: verified tokens that are remembered until they end, about 150 bytes each.
    public init(
        secret: TokenSecret?, issuerKeys: JWKSource?, rules: TokenRules = TokenRules(), maximumRemembered: Int = 10_000,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.secret = secret
        self.issuerKeys = issuerKeys
        self.rules = rules
        self.now = now
        cache = Mutex(TokenCache(capacity: maximumRemembered))
    }

    /// Waits only where the token names a key that is not known, and no longer than ``JWKSettings/deadline``.
    public func authenticate(_ token: String) async -> Authentication {
        guard token.utf8.count <= CompactToken.maximumLength else { return .rejected(.malformed) }
        let digest = KeyDigest(of: token)
        let time = now()
        let generation = issuerKeys?.generation ?? 0
        if let principal = cache.withLock({ $0.principal(of: digest, generation: generation, at: time) }) {
            return .known(principal)
        }
        guard let compact = CompactToken(token) else { return .rejected(.malformed) }
        if let refusal = await verifySignature(of: compact) { return refusal }
        do throws(TokenClaims.Refusal) {
            let claims = try TokenClaims(compact.payload, rules: rules, at: time)
            // Should the keys have changed meanwhile, the token is not remembered.
            cache.withLock { $0.note(claims, of: digest, generation: generation) }
            return .known(claims.principal)
        } catch {
            return .rejected(error.reason)
        }
    }

    /// `nil` if it is good.
    private func verifySignature(of token: CompactToken) async -> Authentication? {
        guard let algorithm = TokenAlgorithm(rawValue: token.algorithm) else { return .rejected(.unknown) }
        if algorithm == .hs256 {
            return secret?.verifies(token.signature, of: token.signed) == true ? nil : .rejected(.unknown)
        }
        guard let issuerKeys else { return .rejected(.unknown) }
        switch await issuerKeys.find(algorithm, id: token.keyID) {
        case .key(let key): return key.verifies(token.signature, of: token.signed) ? nil : .rejected(.unknown)
        case .absent: return .rejected(.unknown)
        case .unavailable(let retryAfter): return .unavailable(retryAfter: retryAfter)
        }
    }
}
