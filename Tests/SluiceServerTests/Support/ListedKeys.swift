import SluiceCore
import Synchronization

@testable import SluiceServer

/// API keys in a list, and an issuer that numbers its secrets.
final class ListedKeys: KeyStore, KeyIssuer {
    private let keys = Mutex<[APIKey]>([])
    let failure: StoreError?

    init(failure: StoreError? = nil) { self.failure = failure }

    var all: [APIKey] { keys.withLock { $0 } }

    func issue(
        user: UserID, role: Role, name: String?, lifetime: Duration?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> IssuedKey {
        if let failure { throw failure }
        let key = keys.withLock { keys in
            let key = APIKey(
                id: KeyID(bits: UUIDBits(high: 7, low: UInt64(keys.count))), prefix: "sk_sluice_\(keys.count)",
                name: name,
                user: user, role: role, createdAt: Sample.now, expiresAt: lifetime.map { Sample.now.advanced(by: $0) })
            keys.insert(key, at: 0)
            return key
        }
        return IssuedKey(secret: "\(key.prefix)-secret", key: key)
    }

    func find(_ digest: KeyDigest, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? { nil }

    func create(_ key: NewAPIKey, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey {
        throw StoreError(.rejected, "the issuer makes them here")
    }

    func list(
        user: UserID?, before: KeyID?, limit: Int, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [APIKey] {
        if let failure { throw failure }
        let keys = all.filter { user == nil || $0.user == user }
        let start = before.flatMap { before in keys.firstIndex { $0.id == before } }.map { $0 + 1 } ?? 0
        return Array(keys[start...].prefix(limit))
    }

    func revoke(_ id: KeyID, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? {
        if let failure { throw failure }
        return keys.withLock { keys in
            guard let index = keys.firstIndex(where: { $0.id == id }) else { return nil }
            let key = keys[index]
            keys[index] = APIKey(
                id: key.id, prefix: key.prefix, name: key.name, user: key.user, role: key.role,
                createdAt: key.createdAt,
                expiresAt: key.expiresAt, revokedAt: key.revokedAt ?? Sample.now)
            return keys[index]
        }
    }

    func noteUse(_ uses: [KeyID: Timestamp], deadline: ContinuousClock.Instant) async throws(StoreError) {}
}
