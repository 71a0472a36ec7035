import Postgres
import SluiceCore

/// Decides one call in one transaction. Waits for no user's lock.
struct AdmitOne: PostgresStatement {
    typealias Row = DecisionRow

    let call: Call
    let policy: Policy
    let replica: String?

    /// The function stands in a select list of its own, as a database that routes by user wants it.
    static let sql = """
        SELECT \(DecisionRow.columns)
        FROM (
            SELECT sluice.admit_one($1, $2, $3, $4, $5, $6, $7::text::sluice.call_origin, $8, $9, $10, $11) AS answer
            OFFSET 0
        ) AS s
        CROSS JOIN LATERAL (SELECT (s.answer).*) AS d
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(call.user)
        parameters.append(call.id)
        parameters.append(call.isIDSupplied)
        parameters.append(call.weight)
        parameters.append(call.route)
        parameters.append(call.model)
        parameters.append(call.origin?.rowLiteral)
        parameters.append(policy: policy)
        parameters.append(replica)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> DecisionRow { try DecisionRow(row) }
}
