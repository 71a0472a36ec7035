import HummingbirdSluice
import Logging
import SluiceCore
import SluicePostgres

/// An API key as commands show it.
struct KeyReport: Encodable, Equatable {
    let id: String
    let prefix: String
    let name: String?
    let user: String
    let role: String
    let createdAt: String
    let expiresAt: String?
    let revokedAt: String?
    let lastUsedAt: String?

    enum CodingKeys: String, CodingKey {
        case id, prefix, name, user, role
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case lastUsedAt = "last_used_at"
    }

    init(_ key: APIKey) {
        id = key.id.description
        prefix = key.prefix
        name = key.name
        user = key.user.description
        role = key.role.rawValue
        createdAt = key.createdAt.rfc3339
        expiresAt = key.expiresAt?.rfc3339
        revokedAt = key.revokedAt?.rfc3339
        lastUsedAt = key.lastUsedAt?.rfc3339
    }

    static func table(_ keys: [KeyReport]) -> String {
        TextTable(
            header: ["id", "begins with", "user", "role", "created", "expires", "revoked", "last used", "name"],
            rows: keys.map { key in
                [
                    key.id, key.prefix, key.user, key.role, key.createdAt, key.expiresAt ?? "never",
                    key.revokedAt ?? "no", key.lastUsedAt ?? "never", key.name ?? "",
                ]
            }
        ).text
    }
}

extension ProgramConfiguration {
    /// Lends the store of keys on one connection, for commands.
    func withKeyStore<Value: Sendable>(_ body: (PostgresKeyStore) async throws -> Value) async throws -> Value {
        do {
            return try await withConnection(logger: Log.logger(self)) { connection in
                try await body(PostgresKeyStore(database: connection))
            }
        } catch let error as StoreError {
            throw CommandError(error, doing: "keep keys")
        }
    }
}
