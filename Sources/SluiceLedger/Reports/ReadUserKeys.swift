import Postgres
import SluiceCore
import SluicePostgres

/// A user's API keys, newest first.
struct ReadUserKeys: PostgresStatement {
    let user: UserID

    static let sql = """
        SELECT k.key_id, k.prefix, k.name, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
        FROM sluice.key_list AS k WHERE k.user_id = $1 ORDER BY k.created_at DESC, k.key_id DESC
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(user) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> UserKey {
        UserKey(
            id: try row.decode(at: 0), prefix: try row.decode(at: 1), name: try row.decode(at: 2),
            role: try row.decode(at: 3), createdAt: try row.decode(at: 4), expiresAt: try row.decode(at: 5),
            revokedAt: try row.decode(at: 6), lastUsedAt: try row.decode(at: 7))
    }
}
