import Logging
import Postgres
import SluicePostgres
import SluiceTesting
import Testing

@testable import SluiceCLI

/// What `--print-sql` prints, run by psql, leaves what the migrator leaves.
@Suite("SQL for a DBA", .timeLimit(.minutes(10)))
struct MigratePrintTests {
    @Test("From nothing, from the middle, and back", arguments: [0, 3])
    func same(_ version: Int) async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            if version > 0 {
                #expect(try await sluice.run("migrate", "up", "--to", "\(version)").status == 0)
            }
            let up = try await sluice.run("migrate", "up", "--print-sql")
            try await psql(url, up.output)
            #expect(try await sluice.run("migrate", "status").status == 0)
            let verified = try await sluice.run("migrate", "verify")
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            #expect(try await history(url) == Migration.all.map(Self.line))
            let down = try await sluice.run("migrate", "down", "--to", "\(version)", "--print-sql")
            try await psql(url, down.output)
            #expect(try await history(url) == Migration.all.prefix(version).map(Self.line))
            #expect(try await sluice.run("migrate", "up").status == 0)
        }
    }

    @Test("Without a database, when told where to begin")
    func offline() async throws {
        let sluice = SluiceUnderTest(environment: ["DATABASE_URL": "postgres://127.0.0.1:1/none"])
        let printed = try await sluice.run("migrate", "up", "--print-sql", "--from", "0")
        #expect(printed.status == 0)
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            try await psql(url, printed.output)
            #expect(try await history(url) == Migration.all.map(Self.line))
        }
        let beyond = try await sluice.run("migrate", "up", "--print-sql", "--from", "9999")
        #expect(beyond.status == CommandStatus.usage.rawValue && beyond.errors.contains("no version 9999"))
    }

    @Test("Pasted a second time, where errors stop nothing, it changes nothing")
    func pasted() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            let script = try await sluice.run("migrate", "up", "--print-sql", "--from", "0").output
                .replacing(#"\set ON_ERROR_STOP on"#, with: #"\set ON_ERROR_STOP off"#)
            try await psql(url, script)
            let said = try await psql(url, script, isExpectedToFail: true)
            #expect(said.contains("the schema is not at version 0, where this step begins: print the SQL again"))
            #expect(try await history(url) == Migration.all.map(Self.line))
            #expect(try await sluice.run("migrate", "verify").status == 0)
        }
    }

    @Test("While another migrator is at work it changes nothing")
    func locked() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let script = MigrationPrintout(Migration.all, .up, from: 0).text
            try await connected(url) { other in
                try await other.execute("SELECT pg_advisory_lock(1936485737, 0)")
                let said = try await psql(url, script, isExpectedToFail: true)
                #expect(said.contains("another migrator is at work"))
            }
            #expect(try await migrator(url, Migration.all).plan().current == 0)
        }
    }

    @Test("A step without a transaction, also after an attempt that left its index invalid")
    func concurrently() async throws {
        let steps = [
            Migration(
                version: 1, name: "create_a", up: "CREATE TABLE sluice.a (n integer)", down: "DROP TABLE sluice.a"),
            Migration(
                version: 2, name: "index_a",
                up: """
                    -- sluice:no-transaction
                    CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON sluice.a (n)
                    -- sluice:then
                    DO $$ BEGIN INSERT INTO sluice.a VALUES (7); COMMIT; END $$;
                    """, down: "DROP INDEX sluice.a_n"),
        ]
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            try await psql(url, MigrationPrintout([steps[0]], .up, from: 0).text)
            let second = MigrationPrintout([steps[1]], .up, from: 1).text
            try await connected(url) { try await $0.execute("INSERT INTO sluice.a VALUES (1), (1)") }
            #expect(try await psql(url, second, isExpectedToFail: true).contains("could not create unique index"))
            #expect(try await migrator(url, steps).inspect().findings.map(\.object) == ["a_n"])
            try await connected(url) { try await $0.execute("TRUNCATE sluice.a") }
            try await psql(url, second)
            #expect(try await migrator(url, steps).inspect().findings == [])
            #expect(try await history(url) == steps.map(Self.line))
            try await psql(url, MigrationPrintout(steps.reversed(), .down, from: 2).text)
            #expect(try await history(url) == [])
        }
    }

    private func migrator(_ url: String, _ steps: [Migration]) throws -> Migrator {
        Migrator(
            configuration: try PostgresConfiguration(url: url), migrations: steps, logger: Logger(label: "test"))
    }
}

extension MigratePrintTests {
    static func line(_ step: Migration) -> String { "\(step.version) \(step.name) \(step.checksum)" }
}

/// The rows of `sluice.migrations`, as far as they are the same everywhere.
///
/// - Parameter orNoneYet: whether there may be no such table.
func history(_ url: String, orNoneYet: Bool = false) async throws -> [String] {
    try await connected(TestRole.superuser.url(like: url)) { connection in
        if orNoneYet {
            let table = try await connection.query("SELECT to_regclass('sluice.migrations') IS NULL", [])
            if try table.first?.decode(Bool.self, at: 0) == true { return [] }
        }
        return try await connection.query(
            "SELECT concat_ws(' ', version, name, checksum) FROM sluice.migrations ORDER BY version", []
        ).map { try $0.decode(String.self, at: 0) }
    }
}

/// A connection for the time of the closure.
func connected<Value>(_ url: String, _ body: (PostgresConnection) async throws -> Value) async throws -> Value {
    let connection = try await PostgresConnection.connect(
        try PostgresConfiguration(url: url), logger: Logger(label: "test"))
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
    }
}
