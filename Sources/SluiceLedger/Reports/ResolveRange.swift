import Postgres
import SluiceCore
import SluicePostgres

/// Which moments days begin at in a time zone: its rules are the database's.
struct ResolveRange: PostgresStatement {
    let from: ReportBound?
    let until: ReportBound?
    let zone: String

    static let sql = """
        SELECT coalesce($2, $3::text::date::timestamp AT TIME ZONE $1::text,
                date_trunc('month', c.now AT TIME ZONE $1::text) AT TIME ZONE $1::text),
            coalesce($4, $5::text::date::timestamp AT TIME ZONE $1::text, c.now), c.now
        FROM (SELECT sluice.clock() AS now) AS c
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(zone)
        for bound in [from, until] {
            parameters.append(bound?.moment)
            parameters.append(bound?.day?.description)
        }
    }

    /// The first moment, the end, and now.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> (from: Timestamp, until: Timestamp, now: Timestamp)
    {
        (from: try row.decode(at: 0), until: try row.decode(at: 1), now: try row.decode(at: 2))
    }
}

extension ReportBound {
    fileprivate var moment: Timestamp? { if case .moment(let moment) = self { moment } else { nil } }
    fileprivate var day: LedgerDay? { if case .day(let day) = self { day } else { nil } }
}
