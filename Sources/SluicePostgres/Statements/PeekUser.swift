import Postgres
import SluiceCore

/// What a call would be told now.
struct PeekUser: PostgresStatement {
    typealias Row = DecisionRow

    let user: UserID
    let weight: Int64
    let policy: Policy

    static let sql = "SELECT \(DecisionRow.columns) FROM sluice.peek_user($1, $2, $3, $4) AS d"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(user)
        parameters.append(weight)
        parameters.append(windows: policy)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> DecisionRow { try DecisionRow(row) }
}
