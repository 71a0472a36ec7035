import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// Replicas of two releases serve while the schema changes below them (row E3).
@Suite(.serialized) struct RehearsalTests {
    /// Up to the version before it, replicas were the owner of what they use.
    private static let firstWithRoles = 7

    @Test(arguments: SchemaVersion.needed..<SchemaVersion.newest)
    func callersNoticeNothing(from version: Int) async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            try await ReplicaProcess.run(["migrate", "up", "--to", "\(version)"], on: url)
            let role: TestRole = version < Self.firstWithRoles ? .migrator : .app
            try await Rehearsal.run("from \(version)", on: url, as: role) { rehearsal in
                try await withAuditor(url) {
                    try await rehearsal.command("migrate", "up")
                    try await rehearsal.command("migrate", "down", "--to", "\(SchemaVersion.newest - 1)", "--yes")
                    try await rehearsal.command("migrate", "up")
                }
            }
            let found = try await withOwner(url) { owner in
                try await owner.query("SELECT max(version) FROM sluice.migrations").first?.decode(Int.self, at: 0)
            }
            #expect(found == SchemaVersion.newest)
        }
    }

    /// A step that needs the very lock that admissions need, while a report holds it: it gives up and tries again, and in
    /// between admissions go on.
    @Test func aStepThatMeetsAReportTriesAgain() async throws {
        let expanding = Migration(
            version: SchemaVersion.newest + 1, name: "add_note", up: "ALTER TABLE sluice.calls ADD COLUMN note text",
            down: "ALTER TABLE sluice.calls DROP COLUMN note")
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            let migrator = Migrator(
                configuration: try PostgresConfiguration(url: url), migrations: Migration.all + [expanding],
                logger: quiet)
            try await Rehearsal.run("lock", on: url, as: .app) { rehearsal in
                try await rehearsal.step("add a column to the ledger") {
                    let migration = try await withAuditor(url) { () async throws -> Task<[Migration], any Error> in
                        let migration = Task { try await migrator.up() }
                        #expect(try await attempts(3, url))
                        // The report is still there, and the ledger takes rows between one attempt and the next.
                        let rows = try await ledger(url).count { $0.mode == "enforced" }
                        #expect(try await eventually { try await ledger(url).count { $0.mode == "enforced" } > rows })
                        return migration
                    }
                    #expect(try await migration.value.map(\.name) == ["add_note"])
                }
            }
        }
    }

    /// Runs the closure while a report is under way, whose transaction stays open: it has read every table and view.
    private nonisolated(nonsending) func withAuditor<Value>(
        _ url: String, _ body: nonisolated(nonsending) () async throws -> Value
    ) async throws -> Value {
        try await withOwner(url) { auditor in
            try await auditor.execute("BEGIN")
            let names = try await auditor.query(
                """
                SELECT c.oid::regclass::text FROM pg_class AS c
                WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                """
            ).map { try $0.decode(String.self, at: 0) }
            for name in names { try await auditor.execute("LOCK TABLE \(name) IN ACCESS SHARE MODE") }
            let value = try await body()
            try await auditor.execute("COMMIT")
            return value
        }
    }

    /// Returns when so many transactions, one after the other, were seen to wait for a lock on a table.
    private func attempts(_ count: Int, _ url: String) async throws -> Bool {
        try await withOwner(url) { observer in
            var seen: Set<String> = []
            return try await eventually {
                let waiting = try await observer.query(
                    """
                    SELECT xact_start::text FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%ADD COLUMN note%'
                        AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
                    """
                ).map { try $0.decode(String.self, at: 0) }
                seen.formUnion(waiting)
                return seen.count >= count
            }
        }
    }
}
