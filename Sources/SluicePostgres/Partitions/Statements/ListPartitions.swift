import Postgres
import SluiceCore

/// All partitions, the oldest first, and the tables that were some.
struct ListPartitions: PostgresStatement {
    static let sql = """
        SELECT p.parent, p.partition, p.starts_at, p.ends_at, p.state, p.rows_estimated, coalesce(p.table_bytes, 0),
            coalesce(p.index_bytes, 0), p.may_retire
        FROM sluice.list_partitions() AS p
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> LedgerPartition {
        LedgerPartition(
            parent: try row.decode(at: 0), name: try row.decode(at: 1), startsAt: try row.decode(at: 2),
            endsAt: try row.decode(at: 3), state: .init(rawValue: try row.decode(String.self, at: 4)) ?? .unknown,
            estimatedRows: try row.decode(at: 5), tableBytes: try row.decode(at: 6), indexBytes: try row.decode(at: 7),
            mayRetire: try row.decode(at: 8))
    }
}
