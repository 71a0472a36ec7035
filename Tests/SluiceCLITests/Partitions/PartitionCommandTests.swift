import Foundation
import Glibc
import Logging
import Postgres
import SluiceTesting
import Testing

@testable import SluiceCLI

/// `sluice partitions`, as the ledger's owner unless said otherwise.
@Suite("Commands on partitions", .timeLimit(.minutes(10)))
struct PartitionCommandTests {
    /// The program on a database with three old days, and a superuser's connection beside it.
    private func withPast(
        as role: TestRole = .migrator, _ body: (SluiceUnderTest, PostgresConnection) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        try await server.withMigratedDatabase(as: role) { url in
            var sluice = SluiceUnderTest()
            sluice.environment = ["DATABASE_URL": url, "SLUICE_LOG_LEVEL": "error"]
            let admin = try await PostgresConnection.connect(
                try PostgresConfiguration(url: TestRole.superuser.url(like: url)), logger: .init(label: "test"))
            try await admin.execute(
                """
                CREATE OR REPLACE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
                LANGUAGE sql STABLE AS 'SELECT true';
                SELECT sluice.ensure_partitions('2020-03-01', 3);
                INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied, route, model)
                SELECT gen_random_uuid(), '2020-03-02 00:00Z'::timestamptz + n * interval '1 second', gen_random_uuid(), n, 1,
                    'unchecked', n = 1, CASE n WHEN 1 THEN '' WHEN 2 THEN E'a "q",\\n b' END, 'é'
                FROM generate_series(1, 500) AS n
                """)
            do {
                try await body(sluice, admin)
                await admin.close()
            } catch {
                await admin.close()
                throw error
            }
        }
    }

    private static let drop = ["partitions", "drop", "--older-than", "400"]

    @Test("Shown, as a table and as JSON, by each role that may", arguments: [TestRole.migrator, .app, .auditor])
    func list(_ role: TestRole) async throws {
        try await withPast(as: role) { sluice, _ in
            let text = try await sluice.run("partitions", "list")
            #expect(text.status == 0 && text.output.contains("calls_20200302"), "\(text.errors)")
            let json = try await sluice.run("partitions", "list", "--json")
            let line = #""from":"2020-03-02T00:00:00Z","index_bytes":"#
            #expect(json.output.contains(line) && json.output.contains(#""state":"attached","table":"calls_20200302""#))
            let exact = try await sluice.run("partitions", "list", "--json", "--exact")
            #expect((exact.status == 0) == (role == .migrator), "\(exact.errors)")
            if role == .migrator { #expect(exact.output.contains(#""rows":500,"rows_exact":true"#)) }
        }
    }

    @Test("Made ahead, by day and by month, as often as one likes")
    func ensure() async throws {
        try await withPast { sluice, admin in
            #expect(
                try await sluice.run("partitions", "ensure", "--by", "month", "--ahead", "20").output.hasPrefix("made ")
            )
            #expect(
                try await sluice.run("partitions", "ensure", "--by", "day", "--ahead", "20").output == "nothing to do\n"
            )
            let months = try await admin.query(
                "SELECT count(*) FROM sluice.partitions WHERE ends_at - starts_at > '27 days'")
            #expect(try months.first?.decode(Int64.self, at: 0) ?? 0 >= 3)
            let doctor = try await sluice.run("doctor")
            #expect(doctor.output.contains("ok    partitions: "), "\(doctor.output)")
            let wrong = try await sluice.run("partitions", "ensure", "--by", "weak")
            #expect(
                wrong.status == CommandStatus.usage.rawValue && wrong.errors.contains("\"weak\" is none of day, month"))
        }
    }

    @Test("Dropped when it is meant, and not before", arguments: [TestRole.migrator, .app])
    func drop(_ role: TestRole) async throws {
        try await withPast(as: role) { sluice, admin in
            let dry = try await sluice.run(Self.drop + ["--dry-run"])
            #expect(dry.status == 0 && dry.output.split(separator: "\n").count == 10, "\(dry)")
            let hesitant = try await sluice.run(Self.drop)
            #expect(
                hesitant.status == CommandStatus.usage.rawValue && hesitant.errors.contains("9 partitions would go"))
            #expect(try await count(admin, "sluice.calls_20200302") == 500)
            let before = try await sluice.run("partitions", "drop", "--before", "2020-03-02", "--yes")
            #expect(
                before.output == "dropped calls_20200301\ndropped refusals_20200301\ndropped settlements_20200301\n",
                "\(before)")
            let detached = try await sluice.run(Self.drop + ["--detach", "--yes"])
            #expect(detached.output.hasPrefix("detached calls_20200302 as calls_20200302_detached\n"), "\(detached)")
            #expect(try await count(admin, "sluice.calls_20200302_detached") == 500)
            #expect(try await sluice.run("partitions", "list").output.contains("  detached  "))
            #expect(try await sluice.run(Self.drop + ["--yes"]).output == "nothing to do\n")
        }
    }

    @Test(
        "What makes no sense is said, with the remedy",
        arguments: [
            ([], "either --older-than DAYS or --before DATE"), (["--older-than", "30"], "use 31 to 100000 days"),
            (["--older-than", "40", "--before", "2020-01-01"], "either"), (["--before", "2020-02-30"], "is no date"),
            (["--older-than", "40", "--format", "parquet"], "say --export"),
            (["--older-than", "40", "--export", "/nowhere", "--yes"], "make it first"),
            (["--older-than", "40", "--export", "/tmp", "--detach"], "exclude each other"),
            (["--older-than", "40", "--wait", "0"], "use 1 to 86400"),
            (["--before", "9999-01-01"], "stay in any case"),
        ])
    func nonsense(_ arguments: [String], _ words: String) async throws {
        try await withPast { sluice, _ in
            let result = try await sluice.run(["partitions", "drop"] + arguments)
            #expect(result.status == CommandStatus.usage.rawValue && result.errors.contains(words), "\(result)")
        }
    }

    @Test("Written to CSV and to Parquet, the same rows, and gone then", arguments: ["csv", "parquet"])
    func export(_ format: String) async throws {
        try await withTemporaryFolder { folder in
            try await withPast { sluice, admin in
                var sluice = sluice
                let programs = Self.programs
                sluice.environment["PATH"] = "\(programs):/usr/bin:/bin"
                let sum = try await admin.query("SELECT sum(weight)::bigint, count(route) FROM sluice.calls_20200302")
                    .first
                let result = try await sluice.run(Self.drop + ["--export", folder, "--format", format, "--yes"])
                #expect(result.status == 0, "\(result)")
                #expect(result.output.contains("exported 500 rows to \(folder)/calls_20200302-"))
                let files = try FileManager.default.contentsOfDirectory(atPath: folder)
                #expect(files.count == 9 && files.allSatisfy { $0.hasSuffix(".\(format)") }, "\(files)")
                #expect(try await admin.query("SELECT FROM pg_class WHERE relname LIKE '%\\_2020%'").isEmpty)
                let reader =
                    format == "csv"
                    ? "read_csv('\(folder)/calls_20200302-*.csv', header = true)"
                    : "'\(folder)/calls_20200302-*.parquet'"
                let read = try await shell(
                    "\(programs)/duckdb -init /dev/null -csv -noheader -c \"SELECT sum(weight), min(admitted_at) = "
                        + "'2020-03-02 00:00:01+00', min(len(model)) FROM \(reader)\"")
                #expect(read == "\(try #require(sum).decode(Int64.self, at: 0)),true,1\n", "\(read)")
                guard format == "parquet" else { return }
                // An empty text and none are not the same.
                let types = try await shell(
                    "\(programs)/duckdb -init /dev/null -csv -noheader -c \"SELECT count(route), typeof(any_value(user_id)), "
                        + "typeof(any_value(admitted_at)), count(*) FILTER (WHERE id_supplied) FROM \(reader)\"")
                #expect(types == "2,UUID,TIMESTAMP WITH TIME ZONE,1\n", "\(types)")
            }
        }
    }

    @Test("Without the program that writes Parquet nothing is touched")
    func noDuckDB() async throws {
        try await withPast { sluice, admin in
            var sluice = sluice
            sluice.environment["PATH"] = "/nowhere"
            let result = try await sluice.run(Self.drop + ["--export", "/tmp", "--format", "parquet", "--yes"])
            #expect(
                result.status == CommandStatus.unavailable.rawValue && result.errors.contains("pip install duckdb-cli"))
            #expect(try await count(admin, "sluice.calls_20200302") == 500)
        }
    }

    @Test("Killed with a detachment half done: the next run finishes it")
    func killed() async throws {
        try await withPast { sluice, admin in
            guard
                try await admin.query("SELECT current_setting('server_version_num')::integer").first?
                    .decode(Int32.self, at: 0) ?? 0 >= 140_000
            else { return }
            try await admin.execute("BEGIN; SELECT count(*) FROM sluice.calls")
            let status = try await sluice.running(Self.drop + ["--yes"]) { running in
                let isHalf = try await eventually {
                    try await sluice.run("partitions", "list").output.contains("  leaving  ")
                }
                #expect(isHalf)
                running.send(SIGKILL)
            }
            #expect(status == 128 + SIGKILL)
            // What the server was doing for the killed run it may still complete, once the lock is free.
            let others = """
                SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
                """
            let isAlone = try await eventually {
                try await admin.query("SELECT pg_stat_clear_snapshot()")
                return try await admin.query("\(unescaped: others)").isEmpty
            }
            #expect(isAlone)
            try await admin.execute("COMMIT")
            #expect(try await sluice.run("partitions", "list").output.contains("calls_20200301"))
            let next = try await sluice.run(Self.drop + ["--yes"])
            #expect(
                next.status == 0 && next.output.hasPrefix("finished what was begun earlier: calls_20200301\n"),
                "\(next)")
            #expect(try await admin.query("SELECT FROM pg_class WHERE relname LIKE '%\\_2020%'").isEmpty)
            let unfinished = try await admin.query("SELECT FROM sluice.retirements WHERE finished_at IS NULL")
            #expect(unfinished.isEmpty)
        }
    }

    @Test("Patience ends with a word on why, and nothing is lost")
    func patience() async throws {
        try await withPast { sluice, admin in
            try await admin.execute("BEGIN; SELECT count(*) FROM sluice.calls")
            let result = try await sluice.run(Self.drop + ["--wait", "1", "--yes"])
            #expect(result.status == CommandStatus.unavailable.rawValue, "\(result)")
            #expect(result.errors.contains("calls_20200301") && result.errors.contains("--wait"))
            try await admin.execute("COMMIT")
            #expect(try await sluice.run(Self.drop + ["--yes"]).status == 0)
        }
    }

    private func count(_ connection: PostgresConnection, _ table: String) async throws -> Int64? {
        try await connection.query("SELECT count(*) FROM \(unescaped: table)").first?.decode(at: 0)
    }

    /// Where the programs are that the tests' clients brought.
    private static var programs: String {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python =
            ProcessInfo.processInfo.environment["SLUICE_TEST_PYTHON"]
            ?? root.appending(path: ".build-clients/bin/python").path
        return URL(filePath: python).deletingLastPathComponent().path
    }
}
