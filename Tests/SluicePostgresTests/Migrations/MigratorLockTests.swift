import Logging
import Postgres
import SluicePostgres
import SluiceTesting
import Testing

/// Who waits for whom, and how.
@Suite(.timeLimit(.minutes(5))) struct MigratorLockTests {
    private static let addColumn = Migration(
        version: 2, name: "add_column", up: "ALTER TABLE sluice.a ADD COLUMN m integer", down: "")
    private static let hold = "SELECT pg_advisory_lock(1936485737, 0)"

    @Test func waitsForAnotherAndSaysWho() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnection { other in
                try await other.execute("SET application_name = 'the other'; \(Self.hold)")
                let hasty = database.migrator(settings: MigratorSettings(patience: .milliseconds(1)))
                await #expect { try await hasty.up() } throws: { error in
                    "\(error)".hasPrefix("another migrator was at work for")
                        && "\(error)".contains("(process \(other.backendPID), the other)")
                }
                let tap = LogTap()
                async let taken = database.migrator(logger: tap.logger).up()
                await tap.wait(for: "another migrator is at work")
                try await other.execute("SELECT pg_advisory_unlock(1936485737, 0)")
                #expect(try await taken == Migration.all)
            }
        }
    }

    @Test func whoWaitsHoldsNoSnapshot() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnections { other, owner in
                try await other.execute(Self.hold)
                let tap = LogTap()
                async let taken = database.migrator(logger: tap.logger).up()
                await tap.wait(for: "another migrator is at work")
                var idle = 0
                while idle < 50 {
                    let rows = try await owner.query(
                        """
                        SELECT state, backend_xmin IS NOT NULL OR backend_xid IS NOT NULL OR xact_start IS NOT NULL
                        FROM pg_stat_activity WHERE application_name = 'sluice migrate' AND state <> 'active'
                            AND datname = current_database()
                        """, [])
                    for row in rows {
                        #expect(try row.decode(String.self, at: 0) == "idle")
                        #expect(try row.decode(Bool.self, at: 1) == false)
                        idle += 1
                    }
                }
                try await other.execute("SELECT pg_advisory_unlock(1936485737, 0)")
                #expect(try await taken == Migration.all)
            }
        }
    }

    /// A migrator that is gone leaves no lock, whatever it was doing.
    @Test func theLockEndsWithTheSession() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnections { other, owner in
                let steps = [Migration.createA, Self.addColumn]
                try await database.migrator([.createA]).up()
                try await other.execute("BEGIN; LOCK TABLE sluice.a IN ACCESS SHARE MODE")
                let patient = MigratorSettings(lockTimeout: .seconds(3_600), patience: .seconds(3_600))
                let lost = Task { try await database.migrator(steps, settings: patient).up() }
                let isEnded = try await eventually {
                    try await owner.query(
                        """
                        SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
                        WHERE application_name = 'sluice migrate' AND wait_event_type = 'Lock'
                            AND datname = current_database()
                        """, []
                    ).first?.decode(Bool.self, at: 0) == true
                }
                #expect(isEnded)
                await #expect { try await lost.value } throws: {
                    "\($0)".hasPrefix("the connection broke during migration 0002_add_column: ")
                }
                try await other.execute("COMMIT")
                let prompt = MigratorSettings(patience: .milliseconds(1))
                #expect(try await database.migrator(steps, settings: prompt).up() == [Self.addColumn])
            }
        }
    }

    @Test func aStepThatDoesNotGetItsLocksIsTriedAgain() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnection { other in
                let steps = [Migration.createA, Self.addColumn]
                try await database.migrator([.createA]).up()
                try await other.execute("BEGIN; LOCK TABLE sluice.a IN ACCESS SHARE MODE")
                let hasty = MigratorSettings(lockTimeout: .milliseconds(1), patience: .milliseconds(1))
                await #expect { try await database.migrator(steps, settings: hasty).up() } throws: { error in
                    "\(error)".hasPrefix("migration 0002_add_column did not get its locks in ")
                        && "\(error)".contains("SQLSTATE 55P03")
                }
                let tap = LogTap()
                let brief = MigratorSettings(lockTimeout: .milliseconds(1))
                async let taken = database.migrator(steps, settings: brief, logger: tap.logger).up()
                await tap.wait(for: "migration waits for a lock", times: 3)
                try await other.execute("COMMIT")
                #expect(try await taken == [Self.addColumn])
            }
        }
    }

    /// Between two attempts nothing is locked, so that whoever queued behind one gets on.
    @Test func betweenAttemptsNobodyIsHeldUp() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnections { other, owner in
                try await database.migrator([.createA]).up()
                try await other.execute("BEGIN; LOCK TABLE sluice.a IN ACCESS SHARE MODE")
                let tap = LogTap()
                let brief = MigratorSettings(lockTimeout: .milliseconds(20))
                let steps = [Migration.createA, Self.addColumn]
                async let taken = database.migrator(steps, settings: brief, logger: tap.logger).up()
                for _ in 0..<5 {
                    await tap.wait(for: "migration waits for a lock")
                    try await owner.execute("INSERT INTO sluice.a VALUES (1)")
                }
                try await other.execute("COMMIT")
                #expect(try await taken == [Self.addColumn])
                #expect(try await database.number("SELECT count(*) FROM sluice.a") == 5)
            }
        }
    }

    @Test func aPoolerInTransactionModeIsRefused() async throws {
        let server = try await PostgresServer.shared()
        let bouncer = try await PgBouncerServer.start(before: server)
        try await server.withDatabase(as: .migrator) { url in
            let direct = try TestDatabase(url: url)
            let name = try #require(direct.configuration.database)
            let pooled = Migrator(
                configuration: try PostgresConfiguration(url: bouncer.url(database: name, user: "migrator")),
                logger: quiet)
            await #expect { try await pooled.up() } throws: { error in
                "\(error)".contains("a pooler in transaction mode") && "\(error)".contains("to the server directly")
            }
            #expect(try await direct.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'sluice'") == 0)
            try await direct.migrator().up()
            #expect(try await pooled.up() == [], "there is nothing to do, so nothing to lock")
            // Nobody else's session has the lock now.
            let held = try await direct.number(
                """
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1936485737
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """)
            #expect(held == 0)
        }
        await bouncer.remove()
    }

    @Test(arguments: [TestRole.app, .auditor])
    func aRoleThatMayOnlyLook(_ role: TestRole) async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: role) { url in
            let migrator = try TestDatabase(url: url).migrator()
            #expect(try await migrator.plan().pending.isEmpty)
            #expect(try await migrator.up() == [])
            #expect(try await migrator.inspect().findings == [])
            await #expect { try await migrator.down() } throws: {
                "\($0)".contains("let a superuser run GRANT sluice_owner TO \(role.rawValue)")
            }
        }
    }

    @Test func aRoleThatMayNotMakeTheSchema() async throws {
        try await PostgresServer.shared().withDatabase(as: .app) { url in
            let migrator = try TestDatabase(url: url).migrator()
            await #expect { try await migrator.up() } throws: {
                "\($0)".hasPrefix("the role app may not make the schema sluice in the database ")
            }
        }
    }

    @Test func aRoleThatMayNotReadTheTable() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.migrator().up(to: 6)
            try await database.withConnection(as: .superuser) { owner in
                try await owner.execute("GRANT USAGE ON SCHEMA sluice TO app")
            }
            let name = try #require(database.configuration.database)
            let app = try TestDatabase(url: try await PostgresServer.shared().url(database: name, user: "app"))
            await #expect { try await app.migrator().plan() } throws: {
                "\($0)".hasPrefix("the role app may not read which migrations were applied")
            }
            try await database.withConnection(as: .superuser) { owner in
                try await owner.execute("GRANT SELECT ON sluice.migrations TO app")
            }
            #expect(try await app.migrator().plan().current == 6)
        }
    }
}
