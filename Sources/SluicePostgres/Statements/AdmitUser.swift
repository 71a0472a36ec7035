import Postgres
import SluiceCore

/// Decides calls of one user in one transaction.
struct AdmitUser: PostgresStatement {
    typealias Row = DecisionRow

    let user: UserID
    let calls: [Call]
    let policy: Policy
    let replica: String?
    /// Whether to wait for the user's lock, up to the function's own 100 ms.
    let waits: Bool

    /// The function stands in a select list of its own, as a database that routes by user wants it.
    static let sql = """
        SELECT \(DecisionRow.columns)
        FROM (
            SELECT sluice.admit_user($1, $2, $3, $4, $5, $6, $7::text[]::sluice.call_origin[], $8, $9, $10, $11, $12)
                AS answers
            OFFSET 0
        ) AS s
        CROSS JOIN LATERAL unnest(s.answers) AS d
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(user)
        parameters.append(calls: calls)
        parameters.append(policy: policy)
        parameters.append(replica)
        parameters.append(waits)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> DecisionRow { try DecisionRow(row) }
}
