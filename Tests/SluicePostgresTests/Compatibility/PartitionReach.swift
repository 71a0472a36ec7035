import Postgres

/// Which partitions of the ledger one statement touches.
struct PartitionReach {
    /// Those that are locked when it is done: all that its plans name, read or not.
    let locked: Set<String>
    /// Those whose rows or indexes it looked into.
    let scanned: Set<String>

    /// - Parameter sql: runs a few times first, as a replica's session does, so that its plans are those that stay.
    static func measure(_ sql: String, _ connection: PostgresConnection) async throws -> PartitionReach {
        for _ in 0..<7 { _ = try await connection.query(sql, []) }
        try await connection.execute("BEGIN")
        let before = try await scans(connection)
        _ = try await connection.query(sql, [])
        let after = try await scans(connection)
        let locked = try await connection.query(
            """
            SELECT c.relname::text FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
            WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relispartition
            """, []
        ).map { try $0.decode(String.self, at: 0) }
        try await connection.execute("COMMIT")
        return PartitionReach(
            locked: Set(locked), scanned: Set(after.filter { before[$0.key, default: 0] < $0.value }.keys))
    }

    private static func scans(_ connection: PostgresConnection) async throws -> [String: Int64] {
        let rows = try await connection.query(
            """
            SELECT relname::text, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables
            WHERE schemaname = 'sluice' AND relname ~ '_[0-9]{8}$'
            """, [])
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (try $0.decode(String.self, at: 0), try $0.decode(Int64.self, at: 1)) }
        )
    }
}
