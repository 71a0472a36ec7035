public import Postgres

extension PartitionStore {
    /// Counts the rows of a partition, one by one; for roles that may read it.
    public static func count(
        _ partition: LedgerPartition, over connection: PostgresConnection
    ) async throws(PostgresError) -> Int64 {
        let name = partition.name.replacing("\"", with: "\"\"")
        let result = try await connection.query("SELECT count(*) FROM sluice.\"\(unescaped: name)\"")
        return try result.first?.decode(at: 0) ?? 0
    }
}
