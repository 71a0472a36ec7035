import Logging
import Postgres
import SluicePostgres
import SluiceTesting

/// A step of tests that make their own.
extension Migration {
    static let createA = Migration(
        version: 1, name: "create_a", up: "CREATE TABLE sluice.a (n integer)", down: "DROP TABLE sluice.a")

    /// Builds an index on the table of ``createA`` without a transaction.
    static let indexA = Migration(
        version: 2, name: "index_a",
        up: """
            -- sluice:no-transaction
            -- Locks: SHARE UPDATE EXCLUSIVE on sluice.a, which nobody who reads or writes rows waits for.
            CREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON sluice.a (n);
            -- sluice:then
            CREATE INDEX CONCURRENTLY IF NOT EXISTS a_m ON sluice.a ((n + 1));
            """,
        down: """
            -- sluice:no-transaction
            DROP INDEX CONCURRENTLY IF EXISTS sluice.a_m;
            -- sluice:then
            DROP INDEX CONCURRENTLY IF EXISTS sluice.a_n;
            """)
}

extension TestDatabase {
    func migrator(
        _ migrations: [Migration] = Migration.all, settings: MigratorSettings = MigratorSettings(),
        logger: Logger = quiet
    ) -> Migrator {
        Migrator(configuration: configuration, migrations: migrations, settings: settings, logger: logger)
    }

    /// One number that a superuser is answered.
    func number(_ sql: String) async throws -> Int64 {
        try await withOwner { owner in try await owner.query(sql, []).first?.decode(Int64.self, at: 0) ?? -1 }
    }
}

/// A logger whose messages can be waited for.
struct LogTap: LogHandler {
    let messages: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    init() {
        (messages, continuation) = AsyncStream.makeStream()
    }

    var logger: Logger { Logger(label: "tap") { _ in self } }

    /// Returns when so many messages like this were logged.
    func wait(for message: String, times: Int = 1) async {
        var left = times
        for await found in messages where found == message {
            left -= 1
            if left == 0 { return }
        }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { continuation.yield("\(event.message)") }
}

/// Asks until it is so, as long as there is patience.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.Instant.patience
    while .now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
