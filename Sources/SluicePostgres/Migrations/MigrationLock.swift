import Postgres

/// The advisory lock that one migrator at a time holds, as long as its session lives.
enum MigrationLock {
    /// 'slmi' in ASCII: the first key, as `pg_locks.classid` shows it. The second one is 0.
    static let lockClass: Int32 = 1_936_485_737
}

/// Asks for the lock without waiting.
struct TryMigrationLock: PostgresStatement {
    static let sql = "SELECT pg_try_advisory_lock(\(MigrationLock.lockClass), 0)"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Bool { try row.decode(at: 0) }
}

/// Says whose session holds the lock, in words.
struct FindMigrationLockHolder: PostgresStatement {
    static let sql = """
        SELECT concat_ws(', ', 'process ' || l.pid, nullif(a.application_name, ''), host(a.client_addr))
        FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.classid = \(MigrationLock.lockClass) AND l.objid = 0
            AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> String { try row.decode(at: 0) }
}
