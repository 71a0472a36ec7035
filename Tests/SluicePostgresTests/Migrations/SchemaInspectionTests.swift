import Postgres
import SluicePostgres
import SluiceTesting
import Testing

/// What `verify` finds and `repair` mends in the schema itself.
@Suite struct SchemaInspectionTests {
    struct Damage: CustomTestStringConvertible, Sendable {
        let sql: String
        let kind: SchemaFinding.Kind
        let object: String
        let isMended: Bool

        var testDescription: String { sql }
    }

    static let damages = [
        Damage(
            sql: "ALTER TABLE sluice.calls DISABLE TRIGGER calls_append_only", kind: .disabledTrigger, object: "calls",
            isMended: false),
        Damage(
            sql: "DROP TRIGGER calls_append_only ON sluice.calls", kind: .unguarded, object: "calls", isMended: false),
        Damage(
            sql: "DROP TRIGGER seals_no_truncate ON sluice.seals", kind: .unguarded, object: "seals", isMended: false),
        Damage(
            sql: """
                CREATE OR REPLACE FUNCTION sluice.refuse_change() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN RETURN coalesce(NEW, OLD); END'
                """, kind: .unguarded, object: "refuse_change", isMended: false),
        Damage(
            sql: "GRANT UPDATE ON sluice.calls TO sluice_app", kind: .privilege, object: "calls", isMended: false),
        Damage(sql: "GRANT CREATE ON SCHEMA sluice TO public", kind: .privilege, object: "sluice", isMended: false),
        Damage(
            sql: "DROP FUNCTION sluice.user_facts CASCADE", kind: .missingFunction, object: "user_facts",
            isMended: false),
        Damage(
            sql: "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA sluice FROM sluice_app", kind: .privilege,
            object: "admit_user", isMended: true),
        Damage(
            sql: "GRANT EXECUTE ON FUNCTION sluice.refuse_change TO public", kind: .privilege, object: "refuse_change",
            isMended: true),
        Damage(
            sql: "CREATE INDEX calls_model ON ONLY sluice.calls (model)", kind: .invalidIndex, object: "calls_model",
            isMended: false),
        Damage(
            sql: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'sluice.migrations_pkey'::regclass",
            kind: .invalidIndex, object: "migrations_pkey", isMended: true),
        Damage(
            sql: "UPDATE sluice.migrations SET name = 'other' WHERE version = 3", kind: .history, object: "migrations",
            isMended: false),
        Damage(
            sql: "DELETE FROM sluice.migrations WHERE version = 2", kind: .history, object: "migrations",
            isMended: false),
    ]

    @Test func aFreshSchemaIsFine() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            let empty = try await database.migrator().inspect()
            #expect(empty.findings == [] && empty.current == 0)
            for version in [SchemaVersion.needed, SchemaVersion.newest] {
                try await database.migrator().up(to: version)
                let inspection = try await database.migrator().inspect()
                #expect(inspection.findings == [] && inspection.current == version)
            }
            try await database.withConnection { connection in
                try await connection.execute("SELECT sluice.ensure_partitions(current_date, 3)")
            }
            #expect(try await database.migrator().inspect().findings == [])
            let repair = try await database.migrator().repair()
            #expect(repair.mended == [] && repair.left == [])
        }
    }

    @Test(arguments: damages)
    func everyDamageIsFound(_ damage: Damage) async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            let database = try TestDatabase(url: url)
            let migrator = database.migrator()
            try await database.withOwner { owner in
                try await owner.execute("SELECT sluice.ensure_partitions(current_date, 3)")
                try await owner.execute("SET allow_system_table_mods = on; \(damage.sql)")
            }
            let found = try await migrator.inspect().findings
            let ours = try #require(found.first { $0.kind == damage.kind && $0.object == damage.object }, "\(found)")
            #expect(ours.isMendable == damage.isMended && !ours.detail.isEmpty && !ours.remedy.isEmpty)
            guard damage.kind != .history else { return }
            let repair = try await migrator.repair()
            #expect(repair.left.isEmpty == damage.isMended, "\(repair.left)")
            #expect(repair.mended.contains(ours) == damage.isMended)
        }
    }

    @Test func aPartitionWithoutItsTrigger() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            let database = try TestDatabase(url: url)
            try await database.withOwner { owner in
                try await owner.execute("SELECT sluice.ensure_partitions(current_date, 1)")
                try await owner.execute(
                    """
                    DO $$ BEGIN
                        EXECUTE format('DROP TRIGGER calls_no_truncate ON sluice.%I', (
                            SELECT c.relname FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
                            WHERE inhparent = 'sluice.calls'::regclass ORDER BY 1 LIMIT 1));
                    END $$
                    """)
            }
            let found = try await database.migrator().inspect().findings
            #expect(found.map(\.kind) == [.incompletePartition])
            #expect(found.first?.detail == "it lacks the trigger calls_no_truncate of its parent")
        }
    }

    @Test func aChangedFileThatAPersonStandsFor() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.migrator([.createA]).up()
            let edited = Migration(version: 1, name: "create_a", up: Migration.createA.up + " -- as before", down: "")
            let migrator = database.migrator([edited])
            #expect(try await migrator.inspect().findings.map(\.kind) == [.history])
            await #expect { try await migrator.up() } throws: { "\($0)".contains("repair --accept-checksum 1") }
            #expect(try await migrator.repair().left.map(\.kind) == [.history])
            #expect(try await migrator.repair(acceptingChecksumOf: 1).left == [])
            #expect(try await migrator.up() == [])
            await #expect { try await migrator.repair(acceptingChecksumOf: 2) } throws: {
                "\($0)" == "the database has not taken migration 2: it is at version 1"
            }
        }
    }
}
