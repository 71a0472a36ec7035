import Foundation
import Testing

@testable import SluicePostgres

@Suite struct MigrationScriptTests {
    @Test func oneTransactionUnlessTheFirstLineSaysOtherwise() {
        for sql in ["SELECT 1", "\n-- sluice:no-transaction\nSELECT 1", "-- sluice:no-transactions", ""] {
            #expect(MigrationScript(sql).isTransactional && MigrationScript(sql).statements == [sql], "\(sql)")
        }
        #expect(!MigrationScript("-- sluice:no-transaction\nSELECT 1").isTransactional)
    }

    @Test func statementsAreWhatIsBetweenTheMarks() {
        let script = MigrationScript(
            """
            -- sluice:no-transaction
            -- Says something; with a semicolon.
            DO $$ BEGIN PERFORM 1; COMMIT; END $$;
            -- sluice:then
            SELECT '-- sluice:then';
             -- sluice:then
            SELECT 2;
            -- sluice:then
            SELECT 3
            """)
        #expect(
            script.statements == [
                "-- Says something; with a semicolon.\nDO $$ BEGIN PERFORM 1; COMMIT; END $$;",
                "SELECT '-- sluice:then';\n -- sluice:then\nSELECT 2;", "SELECT 3",
            ])
    }

    @Test func locksAreWhatTheHeaderSays() {
        #expect(MigrationScript("-- A.\n-- Locks: none;\n-- really none.\n\n-- B").locks == "none; really none.")
        #expect(MigrationScript("-- A.\n-- Locks: none.\n--\n-- B").locks == "none.")
        #expect(MigrationScript("-- A.\nSELECT 1").locks == nil)
    }

    @Test func indexesThatAreBuiltWithoutATransaction() {
        let script = MigrationScript(
            """
            -- sluice:no-transaction
            CREATE INDEX CONCURRENTLY one ON sluice.a (n);
            -- sluice:then
            create unique index concurrently if not exists "two" on sluice.a (n);
            -- sluice:then
            CREATE INDEX three ON sluice.a (n);
            -- sluice:then
            CREATE INDEX CONCURRENTLY ON sluice.a (n);
            """)
        #expect(script.concurrentIndexes == ["one", "two"])
        #expect(MigrationScript("CREATE INDEX CONCURRENTLY one ON sluice.a (n)").concurrentIndexes == [])
    }

    @Test func pausesGrowToALimit() {
        var (all, half) = (MigrationBackoff(), MigrationBackoff())
        let pauses = (0..<8).map { _ in all.pause(chance: 1) }
        #expect(pauses == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map { .milliseconds($0) })
        #expect(half.pause(chance: -1) == .milliseconds(50) && half.pause(chance: 0) == .milliseconds(100))
    }

    @Test func stepsBetweenVersions() throws {
        #expect(try Migration.steps(.up, from: 0, to: 2).map(\.version) == [1, 2])
        #expect(try Migration.steps(.up, from: 3, to: 2) == [])
        #expect(try Migration.steps(.up, from: 0).count == SchemaVersion.newest)
        #expect(try Migration.steps(.down, from: 3, to: 1).map(\.version) == [3, 2])
        #expect(try Migration.steps(.down, from: 3).map(\.version) == [3])
        #expect(try Migration.steps(.down, from: 0) == [])
        for (from, to) in [(-1, 2), (0, -1), (0, SchemaVersion.newest + 1), (SchemaVersion.newest + 1, 0)] {
            #expect(throws: MigrationError.self) { try Migration.steps(.up, from: from, to: to) }
        }
    }

    /// The list of functions without which the program does not work is the list of those that its statements name.
    @Test func functionsAreTheOnesThatStatementsCall() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/SluicePostgres/Statements").standardized
        var called: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            called.formUnion(text.matches(of: /sluice\.([a-z_]+)\(/).map { String($0.output.1) })
        }
        #expect(called.sorted() == SchemaVersion.functions(at: SchemaVersion.newest))
        #expect(SchemaVersion.needed <= SchemaVersion.newest)
        #expect(SchemaVersion.functions.keys.min() == SchemaVersion.needed)
    }
}
