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

/// The server's clock.
struct ServerClock: PostgresStatement {
    static let sql = "SELECT clock_timestamp()"

    func bind(into parameters: inout PostgresParameters) {}

    static func decode(_ row: PostgresRow) throws(PostgresError) -> Timestamp { try row.decode(at: 0) }
}
