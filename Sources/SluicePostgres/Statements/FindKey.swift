import Postgres
import SluiceCore

/// The key with a digest.
struct FindKey: PostgresStatement {
    let digest: KeyDigest

    static let sql = "SELECT \(KeyRow.columns) FROM sluice.find_key($1) AS k"

    func bind(into parameters: inout PostgresParameters) { parameters.append(digest.bytes) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> KeyRow { try KeyRow(row) }
}
