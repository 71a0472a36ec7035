import Postgres
import SluiceCore

/// Ends a key for good.
struct RevokeKey: PostgresStatement {
    let id: KeyID

    static let sql = "SELECT \(KeyRow.columns) FROM sluice.revoke_key($1) AS k"

    func bind(into parameters: inout PostgresParameters) { parameters.append(id) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> KeyRow { try KeyRow(row) }
}
