import Postgres
import SluicePostgres
import SluiceTesting
import Testing

/// Steps that cannot run in a transaction.
@Suite(.timeLimit(.minutes(5))) struct ConcurrentStepTests {
    private static let steps = [Migration.createA, .indexA]
    private static let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    private static let valid = """
        SELECT count(*) FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname IN ('a_n', 'a_m') AND indisvalid
        """

    @Test func upAndDown() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            let migrator = database.migrator(Self.steps)
            let taken = try await migrator.up()
            #expect(taken == Self.steps)
            #expect(try await database.number(Self.valid) == 2)
            #expect(try await migrator.down() == [.indexA])
            #expect(try await database.number(Self.valid) == 0)
            #expect(try await migrator.plan().current == 1)
        }
    }

    /// Killed in the middle of a build, it leaves an index that is kept up to date and never used.
    @Test(arguments: ["up", "repair, then up"])
    func whatAKilledBuildLeavesIsBuiltAgain(_ way: String) async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnections { other, owner in
                try await kill(database, other, owner)
                #expect(try await database.number(Self.invalid) == 1)
                let migrator = database.migrator(Self.steps)
                #expect(try await migrator.plan().current == 1)
                let findings = try await migrator.inspect().findings
                #expect(findings.map(\.kind) == [.invalidIndex] && findings.map(\.object) == ["a_n"])
                #expect(findings.first?.isMendable == true)
                if way != "up" {
                    let repair = try await migrator.repair()
                    #expect(repair.mended == findings && repair.left == [])
                    #expect(try await database.number(Self.invalid) == 0)
                }
                #expect(try await migrator.up() == [.indexA])
                #expect(try await database.number(Self.valid) == 2)
                #expect(try await migrator.inspect().findings == [])
            }
        }
    }

    /// Ends the session of a migrator that builds an index and waits for a writer.
    private func kill(
        _ database: TestDatabase, _ other: PostgresConnection, _ owner: PostgresConnection
    ) async throws {
        try await database.migrator([.createA]).up()
        try await other.execute("BEGIN; INSERT INTO sluice.a VALUES (1)")
        let lost = Task { try await database.migrator(Self.steps).up() }
        let isEnded = try await eventually {
            try await owner.query(
                """
                SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
                WHERE application_name = 'sluice migrate' AND wait_event_type = 'Lock' AND datname = current_database()
                    AND query LIKE '%CREATE INDEX CONCURRENTLY%'
                """, []
            ).first?.decode(Bool.self, at: 0) == true
        }
        #expect(isEnded)
        await #expect(throws: MigrationError.self) { try await lost.value }
        try await other.execute("COMMIT")
    }

    /// A build waits for older transactions, but nobody who writes rows waits for it.
    @Test func aBuildHoldsUpNoWriter() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnections { other, owner in
                try await database.migrator([.createA]).up()
                try await other.execute("BEGIN; INSERT INTO sluice.a VALUES (1)")
                let brief = MigratorSettings(lockTimeout: .milliseconds(1))
                async let taken = database.migrator(Self.steps, settings: brief).up()
                let isWaiting = try await eventually {
                    try await database.number(
                        """
                        SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sluice migrate'
                            AND wait_event_type = 'Lock' AND datname = current_database()
                        """) == 1
                }
                #expect(isWaiting)
                try await owner.execute("INSERT INTO sluice.a VALUES (2)")
                try await other.execute("COMMIT")
                #expect(try await taken == [.indexA])
            }
        }
    }

    @Test func aStatementThatFailsLeavesThoseBeforeIt() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            let broken = Migration(
                version: 2, name: "index_a",
                up: """
                    -- sluice:no-transaction
                    CREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON sluice.a (n);
                    -- sluice:then
                    DO $$ BEGIN INSERT INTO sluice.a VALUES (1); COMMIT; PERFORM 1 / 0; END $$;
                    """, down: "")
            await #expect { try await database.migrator([.createA, broken]).up() } throws: { error in
                "\(error)".hasPrefix("statement 2 of 2 of migration 0002_index_a failed: division by zero")
            }
            let rows = try await database.number("SELECT count(*) FROM sluice.a")
            #expect(rows == 1, "it committed before it failed")
            #expect(try await database.migrator(Self.steps).up() == [.indexA])
        }
    }

    /// Whoever detaches a partition without a transaction may be killed between its two halves.
    @Test func aDetachThatWasBegunIsEnded() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnections { other, owner in
                guard other.serverVersion >= 140_000 else { return }
                try await database.migrator([Self.partitioned]).up()
                try await other.execute("BEGIN; SELECT count(*) FROM sluice.p")
                try await database.withConnection { detacher in
                    let detached = Task {
                        try await detacher.execute("ALTER TABLE sluice.p DETACH PARTITION sluice.p_1 CONCURRENTLY")
                    }
                    let isEnded = try await eventually {
                        try await database.number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == 1
                    }
                    #expect(isEnded)
                    try await owner.query("SELECT pg_terminate_backend($1, 60000)", [detacher.backendPID])
                    await #expect(throws: PostgresError.self) { try await detached.value }
                }
                try await other.execute("COMMIT")
                let migrator = database.migrator([Self.partitioned])
                #expect(try await migrator.inspect().findings.map(\.kind) == [.pendingDetach])
                #expect(try await migrator.repair().mended.map(\.object) == ["p_1"])
                #expect(try await database.number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == 0)
            }
        }
    }

    private static let partitioned = Migration(
        version: 1, name: "create_p",
        up: """
            CREATE TABLE sluice.p (n integer) PARTITION BY RANGE (n);
            CREATE TABLE sluice.p_1 PARTITION OF sluice.p FOR VALUES FROM (1) TO (2);
            """, down: "DROP TABLE sluice.p")
}
