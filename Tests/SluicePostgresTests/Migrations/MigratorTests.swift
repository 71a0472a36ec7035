import Postgres
import SluicePostgres
import Testing

@Suite struct MigratorTests {
    private static let first = Migration(
        version: 1, name: "create_a", up: "CREATE TABLE sluice.a (n integer)", down: "DROP TABLE sluice.a")
    private static let second = Migration(
        version: 2, name: "create_b", up: "CREATE TABLE sluice.b (n integer)", down: "DROP TABLE sluice.b")

    private func migrator(_ database: TestDatabase, _ migrations: [Migration] = Migration.all) -> Migrator {
        Migrator(configuration: database.configuration, migrations: migrations, logger: quiet)
    }

    @Test func upAndDownAndUpAgain() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            let migrator = migrator(database)
            #expect(try await migrator.plan().current == 0)
            #expect(try await migrator.up() == Migration.all)
            #expect(try await migrator.up() == [])
            #expect(try await migrator.down() == [Migration.all.last])
            #expect(try await migrator.plan().pending.map(\.version) == [Migration.all.count])
            #expect(try await migrator.down(to: 0).map(\.version) == Migration.all.dropLast().reversed().map(\.version))
            let left = try await database.withConnection { connection in
                try await connection.query(
                    """
                    SELECT count(*) FROM pg_class
                    WHERE relnamespace = 'sluice'::regnamespace AND relkind IN ('r', 'p', 'v')
                    """)
            }
            #expect(try left.first?.decode(Int64.self, at: 0) == 1, "only the bookkeeping is left")
            #expect(try await migrator.up() == Migration.all)
        }
    }

    @Test func manyAtOnceApplyEachStepOnce() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            let migrator = migrator(database)
            let taken = try await withThrowingTaskGroup(of: [Migration].self) { group in
                for _ in 0..<20 { group.addTask { try await migrator.up() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.map(\.version).sorted() == Migration.all.map(\.version))
        }
    }

    @Test func failedStepLeavesNothing() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            let broken = Migration(
                version: 2, name: "break_b", up: "CREATE TABLE sluice.b (n integer); SELECT 1/0", down: "")
            await #expect {
                try await migrator(database, [Self.first, broken]).up()
            } throws: { error in
                "\(error)" == "migration 0002_break_b failed and was rolled back: division by zero (SQLSTATE 22012)"
            }
            let taken = try await migrator(database, [Self.first, Self.second]).up()
            #expect(taken == [Self.second])
        }
    }

    @Test func refusesWhatDoesNotAgree() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            _ = try await migrator(database, [Self.first, Self.second]).up()
            let edited = Migration(version: 1, name: "create_a", up: "CREATE TABLE sluice.a (n bigint)", down: "")
            await #expect { try await migrator(database, [edited, Self.second]).up() } throws: {
                "\($0)".hasPrefix("migration 0001_create_a was changed after it was applied")
            }
            let renamed = Migration(version: 2, name: "create_c", up: Self.second.up, down: "")
            await #expect { try await migrator(database, [Self.first, renamed]).up() } throws: {
                "\($0)".hasPrefix("this program carries migration 0002_create_c, the database recorded create_b")
            }
            await #expect { try await migrator(database, [Self.first]).up() } throws: {
                "\($0)".hasPrefix("the database is at version 2, this program knows 1 and not create_b: update")
            }
            await #expect { try await migrator(database, [Self.first, Self.second]).up(to: 3) } throws: {
                "\($0)" == "there is no version 3: use 0 to 2"
            }
            try await database.withConnection { connection in
                try await connection.execute("DELETE FROM sluice.migrations WHERE version = 1")
            }
            await #expect { try await migrator(database, [Self.first, Self.second]).up() } throws: {
                "\($0)".hasPrefix("the database recorded migration 2 but not 1")
            }
        }
    }

    @Test func filesOfTheFolderAreTheOnesInTheBinary() throws {
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
        for migration in Migration.all {
            #expect(migration.up.hasPrefix("-- "), "\(migration): says what it does and which locks it takes")
            #expect(migration.script(.up).locks != nil && migration.script(.down).locks != nil, "\(migration)")
        }
    }
}
