import Postgres
import SluiceCore
import SluicePostgres

/// What the server says of itself and of our role.
struct ServerFacts: PostgresStatement {
    static let sql = """
        SELECT current_setting('server_version_num')::integer,
            pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
            current_setting('is_superuser')::boolean, current_user::text,
            current_setting('fsync')::boolean, current_setting('full_page_writes')::boolean,
            current_setting('synchronous_commit'),
            current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer,
            (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend'),
            current_setting('default_transaction_isolation')
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> DatabaseFacts {
        var facts = DatabaseFacts()
        facts.serverVersion = Int(try row.decode(Int32.self, at: 0))
        facts.isReadOnly = try row.decode(at: 1)
        facts.isSuperuser = try row.decode(at: 2)
        facts.role = try row.decode(at: 3)
        facts.fsync = try row.decode(at: 4)
        facts.fullPageWrites = try row.decode(at: 5)
        facts.synchronousCommit = try row.decode(at: 6)
        facts.connectionLimit = Int(try row.decode(Int32.self, at: 7))
        facts.connectionsInUse = Int(try row.decode(Int32.self, at: 8))
        facts.isolation = try row.decode(at: 9)
        return facts
    }
}

/// The server process that runs this very statement.
struct BackendProcess: PostgresStatement {
    static let sql = "SELECT pg_backend_pid()"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int32 { try row.decode(at: 0) }
}

/// The server's clock.
struct ServerClock: PostgresStatement {
    static let sql = "SELECT clock_timestamp()"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Timestamp { try row.decode(at: 0) }
}

/// Functions that a replica calls and this role may not.
struct ForbiddenFunctions: PostgresStatement {
    static let sql = """
        SELECT DISTINCT p.proname::text
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'sluice'
            AND p.proname IN ('admit_user', 'admit_many', 'peek_user', 'ensure_partitions', 'cover_recent', 'clock',
                'record_unchecked', 'check_ledger', 'settle_many', 'expire_calls', 'record_refusals', 'user_facts',
                'current_prices', 'find_key', 'note_key_uses')
            AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE'))
        ORDER BY 1
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> String { try row.decode(at: 0) }
}

/// Days from today on, without a gap, that have a partition; looked at for a bit more than a year.
struct PartitionDays: PostgresStatement {
    static let sql = """
        SELECT coalesce(min(n) FILTER (WHERE to_regclass('sluice.' || sluice.partition_name(today + n)) IS NULL), 400)
        FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today) AS d, generate_series(0, 399) AS n
        """

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Int { Int(try row.decode(Int32.self, at: 0)) }
}
