public import SluiceCore

/// Tells who presents a credential: one of the service's static keys, an API key, or a token.
public struct CredentialAuthenticator: Authenticator {
    private let serviceKeys: StaticServiceKeys
    private let directory: KeyDirectory?
    private let tokens: TokenVerifier?

    /// - Parameters:
    ///   - directory: `nil` knows no API key.
    ///   - tokens: `nil` knows no token.
    public init(serviceKeys: StaticServiceKeys, directory: KeyDirectory?, tokens: TokenVerifier?) {
        self.serviceKeys = serviceKeys
        self.directory = directory
        self.tokens = tokens
    }

    public func authenticate(_ credential: String) async -> Authentication {
        // Nothing that is longer can be any of the three.
        guard credential.utf8.count <= CompactToken.maximumLength else { return .rejected(.malformed) }
        if isServiceKey(credential) {
            return .known(Principal(user: nil, role: .service, credential: .serviceKey))
        }
        if APIKeySecret.isClaimed(by: credential) {
            guard let secret = APIKeySecret(credential) else { return .rejected(.malformed) }
            return await directory?.authenticate(secret) ?? .rejected(.unknown)
        }
        if CompactToken.isClaimed(by: credential) {
            return await tokens?.authenticate(credential) ?? .rejected(.unknown)
        }
        return .rejected(.malformed)
    }

    /// Whether it is one of the static keys. Asks nobody.
    public func isServiceKey(_ credential: String) -> Bool {
        guard !serviceKeys.isEmpty, credential.utf8.count <= CompactToken.maximumLength else { return false }
        return serviceKeys.contains(KeyDigest(of: credential))
    }

    /// Whether it is a static key, or an API key that is remembered as a valid one of a service. Asks nobody.
    public func isKnownService(_ credential: String) -> Bool {
        if isServiceKey(credential) { return true }
        guard let directory, let secret = APIKeySecret(credential) else { return false }
        return directory.isKnownService(secret.digest)
    }
}
