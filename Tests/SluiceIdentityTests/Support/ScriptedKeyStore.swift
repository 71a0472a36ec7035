import SluiceCore
import SluiceIdentity
import Synchronization

/// A key store that holds what it is told and fails when it is told.
final class ScriptedKeyStore: KeyStore {
    private struct State {
        var keys: [KeyDigest: APIKey] = [:]
        var failure: StoreError?
        var gate: Gate?
        var finds = 0
        var uses: [KeyID: Timestamp] = [:]
        var writes = 0
    }

    private let state = Mutex(State())

    var finds: Int { state.withLock { $0.finds } }
    var uses: [KeyID: Timestamp] { state.withLock { $0.uses } }
    var writes: Int { state.withLock { $0.writes } }

    func set(_ key: APIKey, for secret: APIKeySecret) { state.withLock { $0.keys[secret.digest] = key } }
    func remove(_ secret: APIKeySecret) { state.withLock { $0.keys[secret.digest] = nil } }
    func fail(_ failure: StoreError?) { state.withLock { $0.failure = failure } }
    /// Every question asked from now on waits there once it has its answer.
    func hold(at gate: Gate?) { state.withLock { $0.gate = gate } }

    func find(_ digest: KeyDigest, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? {
        let (key, failure, gate) = state.withLock { state in
            state.finds += 1
            return (state.keys[digest], state.failure, state.gate)
        }
        await gate?.pass()
        if let failure { throw failure }
        return key
    }

    func noteUse(_ uses: [KeyID: Timestamp], deadline: ContinuousClock.Instant) async throws(StoreError) {
        let failure = state.withLock { state in
            state.writes += 1
            if state.failure == nil { state.uses.merge(uses) { max($0, $1) } }
            return state.failure
        }
        if let failure { throw failure }
    }

    func create(_ key: NewAPIKey, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey {
        throw StoreError(.rejected, "not scripted")
    }

    func list(
        user: UserID?, before: KeyID?, limit: Int, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [APIKey] { [] }

    func revoke(_ id: KeyID, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? { nil }
}

extension APIKey {
    /// The key of a secret, with an owner of its own.
    static func test(
        _ secret: APIKeySecret, role: Role = .agent, expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil,
        id: KeyID = KeyID(bits: .random), user: UserID = UserID(bits: .random)
    ) -> APIKey {
        APIKey(
            id: id, prefix: secret.prefix, name: nil, user: user, role: role, createdAt: Timestamp(microseconds: 0),
            expiresAt: expiresAt, revokedAt: revokedAt)
    }

    var principal: Principal { Principal(user: user, role: role, credential: .key(id)) }
}

extension UUIDBits {
    static var random: UUIDBits { UUIDBits(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)) }
}
