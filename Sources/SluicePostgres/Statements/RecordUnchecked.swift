import Postgres
import SluiceCore

/// Adds the rows of calls that were let through without the ledger's word.
struct RecordUnchecked: PostgresStatement {
    let calls: [UncheckedCall]
    let replica: String?

    static let sql = """
        SELECT r."position", r.outcome
        FROM sluice.record_unchecked($1, $2, $3, $4, $5, $6, $7::text[]::sluice.call_origin[], $8, $9, $10, $11) AS r
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(calls.map(\.call.user))
        parameters.append(calls: calls.map(\.call))
        parameters.append(calls.map(\.admittedAt))
        parameters.append(calls.map(\.mayExistSince))
        parameters.append(calls.map(\.policyID))
        parameters.append(replica)
    }

    /// The call's place, from 0, and what became of it; `nil` for a word that is not known here.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> (position: Int, outcome: UncheckedOutcome?) {
        (
            Int(try row.decode(Int32.self, at: 0)) - 1,
            UncheckedOutcome(rawValue: try row.decode(String.self, at: 1))
        )
    }
}
