import Postgres
import SluiceCore

/// A `sluice.api_key`.
struct KeyRow {
    /// `nil` for a role that is not known here: the schema is newer.
    let key: APIKey?

    /// The columns that ``init(_:)`` reads, of a key called `k`.
    static let columns = """
        k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        guard let role = Role(rawValue: try row.decode(String.self, at: 4)) else {
            key = nil
            return
        }
        key = APIKey(
            id: try row.decode(at: 0), prefix: try row.decode(at: 1), name: try row.decode(at: 2),
            user: try row.decode(at: 3), role: role, createdAt: try row.decode(at: 5), expiresAt: try row.decode(at: 6),
            revokedAt: try row.decode(at: 7), lastUsedAt: try row.decode(at: 8))
    }
}
