import Foundation
import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Synchronization
import Testing

/// What is older than wanted leaves; nothing else does.
@Suite("Retention")
struct RetentionTests {
    private static let rule = RetentionRule(days: 400, action: .drop)
    private static let oldDays = ["calls_20200301", "calls_20200302", "calls_20200303"]

    private func withPast(_ body: (PartitionWorld) async throws -> Void) async throws {
        try await PartitionWorld.with { world in
            try await world.makePast(firstDay: "2020-03-01", days: 3)
            try await body(world)
        }
    }

    @Test("Dropped: old days of all tables, the oldest first, and written down")
    func drop() async throws {
        try await withPast { world in
            let before = try await world.list()
            let done = try await world.retire(Self.rule)
            #expect(
                done.count == 9 && done.prefix(3) == ["calls_20200301", "refusals_20200301", "settlements_20200301"])
            #expect(try await world.list() == before.filter { !done.contains($0.name) })
            #expect(try await world.retire(Self.rule).isEmpty)
            try await world.database.withConnection(as: .auditor) { auditor in
                let gone = try await auditor.query(
                    "SELECT count(*) FROM sluice.retired_partitions WHERE action = 'drop' AND finished_at IS NOT NULL")
                #expect(try gone.first?.decode(Int64.self, at: 0) == 9)
                let listed = try await auditor.query("SELECT count(*) FROM sluice.partitions")
                #expect(try listed.first?.decode(Int64.self, at: 0) == Int64(before.count - 9))
            }
        }
    }

    @Test("Detached: no part of the ledger, and as append-only as before")
    func detach() async throws {
        try await withPast { world in
            _ = try await world.retire(RetentionRule(days: 400, action: .detach))
            #expect(try await world.names(.detached) == Self.oldDays.map { "\($0)_detached" })
            #expect(try await world.count("calls WHERE admitted_at < '2021-01-01'") == 0)
            #expect(try await world.count("calls_20200302_detached") == 3)
            try await world.database.withOwner { owner in
                for change in ["UPDATE @ SET weight = 2", "DELETE FROM @", "TRUNCATE @"] {
                    let error = await #expect(throws: PostgresError.self) {
                        try await owner.execute(change.replacing("@", with: "sluice.calls_20200302_detached"))
                    }
                    #expect(error?.sqlState == SQLState("23001"), "\(change)")
                }
            }
            // Rows that come late make the day anew, and it leaves under another name.
            try await world.makePast(firstDay: "2020-03-02", days: 1, calls: 1)
            _ = try await world.retire(RetentionRule(days: 400, action: .detach))
            #expect(try await world.count("calls_20200302_detached_2") == 1)
        }
    }

    @Test("Exported: the same rows in files, then gone; a file that cannot be written leaves the table")
    func export() async throws {
        try await withPast { world in
            let folder = NSTemporaryDirectory() + "export-\(UUID().uuidString)"
            let rule = RetentionRule(days: 400, action: .export, exportFolder: folder)
            await #expect(throws: ExportError.self) { _ = try await world.retire(rule) }
            #expect(try await world.names(.exporting) == Self.oldDays.map { "\($0)_detached" })
            // Nobody who wrote fewer rows, or none, gets it dropped.
            let refused = try await world.database.withConnection { app in
                await #expect(throws: PostgresError.self) {
                    try await app.query("SELECT sluice.drop_exported('calls_20200301_detached', 2)")
                }
            }
            #expect(refused?.sqlState == SQLState("55000"))
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            #expect(try await world.retire(rule).isEmpty)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(files.count == 9 && files.allSatisfy { $0.hasSuffix(".csv") }, "\(files)")
            let text = try String(contentsOfFile: "\(folder)/\(try #require(files.first))", encoding: .utf8)
            #expect(text.hasPrefix("user_id,admitted_at,call_id,weight,running_total,"))
            #expect(
                text.contains(",2020-03-01 00:01:00+00,") && text.contains(#""a ""q"", "#) && text.contains(#","","#))
            try await world.database.withOwner { owner in
                try await owner.execute("CREATE TABLE public.back (LIKE sluice.calls)")
                try await owner.copyIn("COPY public.back FROM STDIN (FORMAT csv, HEADER)", [UInt8](text.utf8))
                let back = try await owner.query(
                    "SELECT count(*), sum(weight) FROM public.back WHERE route = '' OR weight <> 2")
                #expect(try back.first?.decode(Int64.self, at: 0) == 3)
                let rows = try await owner.query(
                    "SELECT rows FROM sluice.retirements WHERE partition = 'calls_20200301'")
                #expect(try rows.first?.decode(Int64.self, at: 0) == 3)
            }
            #expect(
                try await world.list().allSatisfy {
                    $0.state == .attached && $0.startsAt.microseconds > 1_700_000_000_000_000
                })
        }
    }

    @Test("Rows of the last 31 days stay, whoever asks and in whatever words")
    func floor() async throws {
        try await withPast { world in
            let list = try await world.list()
            let young = try #require(
                list.first { $0.parent == "calls" && $0.startsAt.microseconds > 1_700_000_000_000_000 })
            for (name, days, action, state) in [
                (young.name, 31, "drop", "55000"), (young.name, 30, "drop", "22023"), (young.name, -1, "drop", "22023"),
                (young.name, 100_000, "detach", "55000"), ("calls", 40, "drop", "42P01"),
                ("migrations", 40, "drop", "42P01"),
                ("calls_20200301\"; DROP TABLE sluice.calls; --", 40, "drop", "42P01"),
                ("calls_20200301", 40, "truncate", "22023"), ("calls_20200301", 100_000, "drop", "55000"),
            ] {
                let error = try await world.database.withConnection { app in
                    await #expect(throws: PostgresError.self) {
                        try await app.query("SELECT sluice.retire_partition(\(name), \(Int32(days)), \(action))")
                    }
                }
                #expect(error?.sqlState == SQLState(state) && error?.server?.hint != nil, "\(name) \(days) \(action)")
            }
            #expect(try await world.list() == list)
            // Thirty-one days to the microsecond.
            try await world.setClock("2020-04-02 23:59:59.999999Z")
            #expect(try await world.retire(RetentionRule(days: 1, action: .drop)).contains("calls_20200301"))
            #expect(try await world.names(.attached).contains("calls_20200302") == true)
            try await world.setClock("2020-04-03 00:00:00Z")
            #expect(try await world.retire(RetentionRule(days: 1, action: .drop)).contains("calls_20200302"))
        }
    }

    @Test("What a window still counts stays, however short the rule")
    func windows() async throws {
        try await withPast { world in
            try await world.setClock("2020-06-01 00:00:00Z")
            #expect(
                try await world.retire(RetentionRule(days: 31, action: .drop), longestWindow: .seconds(92 * 86_400))
                    .isEmpty)
            #expect(
                try await world.retire(RetentionRule(days: 31, action: .drop), longestWindow: .seconds(60 * 86_400))
                    .count == 9)
        }
    }

    @Test("A day that is still needed where it is stays")
    func needed() async throws {
        try await withPast { world in
            try await world.database.withOwner { owner in
                try await owner.execute(
                    """
                    CREATE OR REPLACE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
                    LANGUAGE sql STABLE AS $$SELECT day_from = '2020-03-01' AND day_until = '2020-03-02'$$
                    """)
            }
            #expect(
                try await world.retire(Self.rule).sorted() == [
                    "calls_20200301", "refusals_20200301", "settlements_20200301",
                ])
            let error = try await world.database.withConnection { app in
                await #expect(throws: PostgresError.self) {
                    try await app.query("SELECT sluice.retire_partition('calls_20200302', 400, 'drop')")
                }
            }
            #expect(error?.sqlState == SQLState("55000"))
            #expect(try await world.list().first { $0.name == "calls_20200302" }?.mayRetire == false)
        }
    }

    @Test("What was retired is written down for good")
    func record() async throws {
        try await withPast { world in
            _ = try await world.retire(Self.rule)
            try await world.database.withOwner { owner in
                for change in [
                    "UPDATE sluice.retirements SET rows = 1", "DELETE FROM sluice.retirements",
                    "TRUNCATE sluice.retirements",
                ] {
                    let error = await #expect(throws: PostgresError.self) { try await owner.execute(change) }
                    #expect(error?.sqlState == SQLState("23001"), "\(change)")
                }
            }
        }
    }

    /// How long others wait behind it follows from how long it waits itself.
    @Test("Whatever takes a lock that admissions know waits 50 ms for it at most")
    func lockTimeouts() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                let bounded = try await owner.query(
                    """
                    SELECT p.proname::text FROM pg_proc AS p WHERE p.pronamespace = 'sluice'::regnamespace
                        AND 'lock_timeout=50ms' = ANY (p.proconfig) AND p.proname IN ('cover_recent', 'drop_exported',
                            'resume_retirement', 'retire_partition')
                    """)
                #expect(bounded.count == 4)
            }
        }
    }

    @Test("In a database of another time zone and style of dates")
    func otherStyle() async throws {
        try await withPast { world in
            try await world.database.withOwner { owner in
                try await owner.execute(
                    """
                    DO $$ BEGIN
                        EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Kathmandu''', current_database());
                        EXECUTE format('ALTER DATABASE %I SET datestyle = ''German''', current_database());
                    END $$
                    """)
            }
            try await world.makePast(firstDay: "2020-03-04", days: 1)
            let old = try await world.list().first { $0.name == "calls_20200304" }
            #expect(old?.startsAt == Timestamp(microseconds: 1_583_280_000_000_000))
            #expect(try await world.retire(Self.rule).count == 12)
        }
    }
}

extension PostgresConnection {
    fileprivate func copyIn(_ sql: String, _ bytes: [UInt8]) async throws {
        var rest: [UInt8]? = bytes
        _ = try await copyIn(sql) {
            defer { rest = nil }
            return rest
        }
    }
}
