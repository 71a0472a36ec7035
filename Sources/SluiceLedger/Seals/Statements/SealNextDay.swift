import Postgres
import SluiceCore

/// Seals the next day, or what came late.
struct SealNextDay: PostgresStatement {
    let closedAfter: Duration
    /// The last day to seal; `nil` for any.
    let until: LedgerDay?

    static let sql = """
        SELECT s.seal_no, s.ledger, to_char(s.day, 'YYYY-MM-DD'), s.amendment, s.row_count, s.late_count,
            encode(s.chain, 'hex')
        FROM sluice.seal_day($1 * interval '1 microsecond', $2::text::date) AS s
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(closedAfter.wholeMicroseconds)
        parameters.append(until?.description)
    }

    /// `nil` for a table that is not known here: the schema is newer.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> NewSeal? {
        guard let table = LedgerTable(rawValue: try row.decode(String.self, at: 1)),
            let day = LedgerDay(iso: try row.decode(String.self, at: 2))
        else { return nil }
        return NewSeal(
            number: Int(try row.decode(Int64.self, at: 0)), table: table, day: day,
            amendment: Int(try row.decode(Int32.self, at: 3)), rows: Int(try row.decode(Int64.self, at: 4)),
            lateRows: Int(try row.decode(Int64.self, at: 5)), chain: try row.decode(String.self, at: 6))
    }
}
