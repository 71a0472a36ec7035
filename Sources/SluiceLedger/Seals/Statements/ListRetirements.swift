import Postgres
import SluiceCore
import SluicePostgres

/// What retention has taken out of the ledger.
struct ListRetirements: PostgresStatement {
    /// As seals write a time, so that the two can be compared as texts.
    static let sql = """
        SELECT r.parent, r.starts_at, r.ends_at, r.begun_at::text FROM sluice.retired_partitions AS r
        WHERE r.parent IN ('calls', 'settlements')
        """

    func bind(into parameters: inout PostgresParameters) {}

    /// `nil` for a table that is not sealed.
    static func decode(_ row: PostgresRow) throws(PostgresError) -> Retirement? {
        guard let table = LedgerTable(rawValue: try row.decode(String.self, at: 0)) else { return nil }
        return Retirement(
            table: table, from: try row.decode(Timestamp.self, at: 1), until: try row.decode(Timestamp.self, at: 2),
            begunAt: try row.decode(String.self, at: 3))
    }
}
