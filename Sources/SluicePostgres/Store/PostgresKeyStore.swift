public import Postgres
public import SluiceCore

/// Keeps API keys in PostgreSQL, of each only its digest.
public struct PostgresKeyStore: KeyStore {
    private let store: PostgresStore

    /// - Parameter database: a pool; a single connection for tools.
    public init(database: any PostgresExecutor) {
        store = PostgresStore(database: database)
    }

    public func find(_ digest: KeyDigest, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? {
        try keys(of: try await store.run(FindKey(digest: digest), deadline)).first
    }

    public func create(_ key: NewAPIKey, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey {
        guard let created = try keys(of: try await store.run(CreateKey(key: key), deadline)).first else {
            throw .incomplete
        }
        return created
    }

    public func list(
        user: UserID?, before: KeyID?, limit: Int, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [APIKey] {
        try keys(of: try await store.run(ListKeys(user: user, before: before, most: limit), deadline))
    }

    public func revoke(_ id: KeyID, deadline: ContinuousClock.Instant) async throws(StoreError) -> APIKey? {
        try keys(of: try await store.run(RevokeKey(id: id), deadline)).first
    }

    public func noteUse(_ uses: [KeyID: Timestamp], deadline: ContinuousClock.Instant) async throws(StoreError) {
        guard !uses.isEmpty else { return }
        _ = try await store.run(NoteKeyUses(uses: uses.map { ($0.key, $0.value) }), deadline)
    }

    /// A key of a role that is not known here lets nobody in.
    private func keys(of rows: [KeyRow]) throws(StoreError) -> [APIKey] {
        let keys = rows.compactMap(\.key)
        guard keys.count == rows.count else {
            throw StoreError(.schema, "a key has a role that is not known here: update this program")
        }
        return keys
    }
}
