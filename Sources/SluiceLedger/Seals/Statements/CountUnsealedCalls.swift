import Postgres
import SluicePostgres

/// Unchecked calls that no seal of calls of their day has, by day.
struct CountUnsealedCalls: PostgresStatement {
    /// `nil` from the first that there is.
    let from: LedgerDay?
    /// Does not belong to the days.
    let until: LedgerDay

    static let sql = """
        SELECT extract(epoch FROM d.day)::bigint / 86400, d.calls FROM (
            SELECT (r.admitted_at AT TIME ZONE 'UTC')::date AS day, count(*) AS calls FROM sluice.ledger_calls AS r
            WHERE r.mode = 'unchecked' AND r.admitted_at >= coalesce($1::timestamptz, '-infinity') AND r.admitted_at < $2
                AND NOT EXISTS (
                    SELECT FROM sluice.sealed_late_calls AS k JOIN sluice.seal_chain AS s USING (seal_no)
                    WHERE k.admitted_at = r.admitted_at AND k.user_id = r.user_id AND k.call_id = r.call_id
                        AND s.ledger = 'calls' AND s.day = (r.admitted_at AT TIME ZONE 'UTC')::date)
            GROUP BY 1
        ) AS d
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(from?.start)
        parameters.append(until.start)
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> (LedgerDay, Int) {
        (LedgerDay(number: Int(try row.decode(Int64.self, at: 0))), Int(try row.decode(Int64.self, at: 1)))
    }
}
