import HummingbirdSluice
import Logging
import ServiceLifecycle
import Sluice
import SluiceCore
import SluiceGateway
import SluiceIdentity
import SluiceServer

/// Composes what tells who asks.
struct IdentityParts {
    let authenticator: CredentialAuthenticator
    let keys: KeyAdministration
    let services: [any Service]

    /// - Parameter proxy: fetches the issuer's keys.
    init(_ identity: ProgramConfiguration.Identity, over sluice: Sluice, proxy: GatewayProxy) {
        let directory = KeyDirectory(
            sluice.keys, settings: KeyDirectorySettings(outageGrace: identity.keyGrace), now: { .wallClock() })
        let source = identity.keySet.map { Self.source($0, proxy: proxy) }
        let tokens: TokenVerifier? =
            if identity.secret != nil || source != nil {
                TokenVerifier(
                    secret: identity.secret.flatMap { TokenSecret($0) }, issuerKeys: source,
                    rules: TokenRules(
                        issuer: identity.issuer, audience: identity.audience, leeway: identity.leeway),
                    now: { .wallClock() })
            } else {
                nil
            }
        // The static keys are the HTTP service's own business.
        authenticator = CredentialAuthenticator(serviceKeys: StaticServiceKeys(), directory: directory, tokens: tokens)
        keys = KeyAdministration(store: sluice.keys, issuer: SecretIssuer(store: sluice.keys)) { directory.forget($0) }
        services =
            [Background { await directory.run() }]
            + (source.map { source in [Background { await source.run() }] } ?? [])
    }

    private static func source(_ keys: ProgramConfiguration.Identity.KeySet, proxy: GatewayProxy) -> JWKSource {
        switch keys {
        case .file(let path): JWKSource(file: path)
        case .url(let url): JWKSource { try await proxy.get(url, timeout: .seconds(5)) }
        }
    }
}

/// Makes keys for the endpoints of administrators.
struct SecretIssuer: KeyIssuer {
    let store: any KeyStore

    func issue(
        user: UserID, role: Role, name: String?, lifetime: Duration?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> IssuedKey {
        let secret = APIKeySecret()
        let key = try await store.create(
            NewAPIKey(
                digest: secret.digest, prefix: secret.prefix, name: name, user: user, role: role, lifetime: lifetime),
            deadline: deadline)
        return IssuedKey(secret: secret.reveal(), key: key)
    }
}
