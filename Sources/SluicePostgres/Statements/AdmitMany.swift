import Postgres
import SluiceCore

/// Decides calls of many users in one transaction. Waits for no user's lock.
struct AdmitMany: PostgresStatement {
    typealias Row = DecisionRow

    let calls: [Call]
    let policy: Policy
    let replica: String?

    static let sql = """
        SELECT \(DecisionRow.columns)
        FROM sluice.admit_many($1, $2, $3, $4, $5, $6, $7::text[]::sluice.call_origin[], $8, $9, $10, $11) AS d
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(calls.map(\.user))
        parameters.append(calls: calls)
        parameters.append(policy: policy)
        parameters.append(replica)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> DecisionRow { try DecisionRow(row) }
}
