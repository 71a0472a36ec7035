import Postgres
import SluicePostgres

/// Unchecked calls of a day that came after its seals.
struct CountUnsealedCalls: PostgresStatement {
    let day: LedgerDay

    static let sql = """
        SELECT count(*) FROM sluice.ledger_calls AS r
        WHERE r.mode = 'unchecked' AND r.admitted_at >= $1 AND r.admitted_at < $2
            AND NOT EXISTS (
                SELECT FROM sluice.sealed_late_calls AS k
                WHERE k.admitted_at = r.admitted_at AND k.user_id = r.user_id AND k.call_id = r.call_id)
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(day.start)
        parameters.append(day.end)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int { Int(try row.decode(Int64.self, at: 0)) }
}
