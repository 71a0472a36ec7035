import Postgres

/// Whether a partition is attached still, or its detachment is under way; no row when it is no partition.
struct ReadPartitionState: PostgresStatement {
    let name: String

    static let sql = """
        SELECT CASE WHEN b.is_leaving THEN 'leaving' ELSE 'attached' END FROM sluice.partition_bounds() AS b
        WHERE b.partition = $1
        """

    func bind(into parameters: inout PostgresParameters) { parameters.append(name) }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> LedgerPartition.State {
        .init(rawValue: try row.decode(String.self, at: 0)) ?? .unknown
    }
}
