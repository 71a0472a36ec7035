import Postgres
import SluiceCore
import SluicePostgres

/// The days or months of a time zone in a range, those at its ends cut to it.
struct LocalSpans: PostgresStatement {
    let key: SpendKey
    let range: ReportRange

    static let sql = """
        SELECT d.label, greatest(d.starts_at, $3), least(d.ends_at, $4)
        FROM (
            SELECT to_char(l.day, CASE $1::text WHEN 'day' THEN 'YYYY-MM-DD' ELSE 'YYYY-MM' END) AS label,
                l.day AT TIME ZONE $2::text AS starts_at, (l.day + ('1 ' || $1::text)::interval) AT TIME ZONE $2::text AS ends_at
            FROM generate_series(date_trunc($1::text, $3 AT TIME ZONE $2::text), $4 AT TIME ZONE $2::text,
                ('1 ' || $1::text)::interval) AS l(day)
        ) AS d
        WHERE d.starts_at < $4 AND d.ends_at > $3 ORDER BY d.starts_at
        """

    func bind(into parameters: inout PostgresParameters) {
        parameters.append(key.rawValue)
        parameters.append(range.zone)
        parameters.append(range.from..<range.until)
    }

    /// The day or month, and where it begins and ends.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> (label: String, from: Timestamp, until: Timestamp) {
        (label: try row.decode(at: 0), from: try row.decode(at: 1), until: try row.decode(at: 2))
    }
}
