import Postgres
import SluiceCore

/// Keeps a new key.
struct CreateKey: PostgresStatement {
    let key: NewAPIKey

    static let sql = """
        SELECT \(KeyRow.columns)
        FROM sluice.create_key($1, $2, $3, $4, $5, $6::bigint * interval '1 microsecond') AS k
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(key.digest.bytes)
        parameters.append(key.prefix)
        parameters.append(key.name)
        parameters.append(key.user)
        parameters.append(key.role.rawValue)
        parameters.append(key.lifetime.map(\.wholeMicroseconds))
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> KeyRow { try KeyRow(row) }
}
