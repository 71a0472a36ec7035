import Postgres
import SluiceCore
import SluicePostgres

/// The time that the ledger's rows and sums cover, days whose rows are gone included.
struct ReadExtent: PostgresStatement {
    static let sql = """
        SELECT least((SELECT min(d.starts_at) FROM sluice.ledger_days AS d),
                (SELECT min(s.day)::timestamp AT TIME ZONE 'UTC' FROM sluice.summed_days AS s)),
            greatest((SELECT max(d.ends_at) FROM sluice.ledger_days AS d), sluice.clock())
        """

    func bind(into parameters: inout PostgresParameters) {}

    /// `nil` where there is nothing at all.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> (from: Timestamp, until: Timestamp)? {
        guard let from = try row.decode(Timestamp?.self, at: 0) else { return nil }
        return (from: from, until: try row.decode(at: 1))
    }
}
