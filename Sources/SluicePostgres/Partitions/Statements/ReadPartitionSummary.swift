import Postgres

struct ReadPartitionSummary: PostgresStatement {
    static let sql = """
        SELECT coalesce(s.days_back, 0), s.days_ahead, s.partitions, coalesce(s.bytes, 0), s.unfinished
        FROM sluice.partition_summary() AS s
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> PartitionSummary {
        PartitionSummary(
            daysBack: Int(try row.decode(Int32.self, at: 0)), daysAhead: Int(try row.decode(Int32.self, at: 1)),
            partitions: Int(try row.decode(Int32.self, at: 2)), bytes: try row.decode(at: 3),
            unfinished: Int(try row.decode(Int32.self, at: 4)))
    }
}
