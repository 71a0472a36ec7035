import Postgres
import SluiceCore

/// Keys, newest first.
struct ListKeys: PostgresStatement {
    let user: UserID?
    let before: KeyID?
    let most: Int

    static let sql = "SELECT \(KeyRow.columns) FROM sluice.list_keys($1, $2, $3) AS k"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(user)
        parameters.append(before)
        parameters.append(Int32(clamping: most))
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> KeyRow { try KeyRow(row) }
}
