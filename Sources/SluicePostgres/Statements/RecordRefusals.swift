import Postgres
import SluiceCore

/// Adds to the counts of refusals.
struct RecordRefusals: PostgresStatement {
    let refusals: [RefusalCount]
    let replica: String?

    static let sql = "SELECT sluice.record_refusals($1, $2, $3, $4, $5)"

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(refusals.map(\.user))
        parameters.append(refusals.map(\.policyID))
        parameters.append(refusals.map(\.minute))
        parameters.append(refusals.map(\.count))
        parameters.append(replica)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) {}
}
