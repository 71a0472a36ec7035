import ArgumentParser
import Logging
import Postgres
import SluiceLedger
import SluiceTesting
import Testing

@testable import SluiceCLI

/// `sluice bench fill`
@Suite("Command that fills a database", .timeLimit(.minutes(10)))
struct BenchFillCommandTests {
    @Test("Says what it would do, does it once, and appends")
    func fill() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            var sluice = SluiceUnderTest()
            sluice.environment = ["DATABASE_URL": url, "SLUICE_LOG_LEVEL": "error"]
            let fill = ["bench", "fill", "--days", "3", "--users", "50", "--rows", "1k", "--until", "2026-10-01"]
            let asked = try await sluice.run(fill)
            #expect(asked.status == CommandStatus.usage.rawValue)
            #expect(asked.errors.contains("1000 calls of 50 users from 2026-09-28 up to 2026-10-01"))
            #expect(asked.errors.contains("--yes"))
            let done = try await sluice.run(fill + ["--yes"])
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.output.contains("rows in 3 days"))
            let again = try await sluice.run(fill + ["--yes"])
            #expect(again.status == CommandStatus.unavailable.rawValue)
            #expect(again.errors.contains("--append"))
            let other = ["--until", "2026-09-28", "--models", "a,b", "--append", "--yes"]
            #expect(try await sluice.run(Array(fill.dropLast(2)) + other).status == 0)
            let admin = try await PostgresConnection.connect(
                try PostgresConfiguration(url: TestRole.superuser.url(like: url)), logger: .init(label: "test"))
            let row = try await admin.query(
                "SELECT count(*), count(*) FILTER (WHERE model IN ('a', 'b')), min(admitted_at) > '2026-09-25 00:00Z' FROM sluice.calls"
            )[0]
            await admin.close()
            #expect(try row.decode(Int.self, at: 0) == 2_000)
            #expect(try row.decode(Int.self, at: 1) == 1_000)
            #expect(try row.decode(Bool.self, at: 2))
        }
    }

    @Test("What cannot be meant is named, with the remedy")
    func mistakes() throws {
        let today = try #require(LedgerDay(iso: "2026-11-28"))
        for (arguments, words) in [
            (["--users", "many"], "users \"many\""), (["--rows", "0"], "rows \"0\""),
            (["--rows=-5"], "rows \"-5\""),
            (["--rows", "9999999999999999999G"], "rows \"9999"), (["--days", "2000"], "days 2000"),
            (["--settled", "1.2"], "settled 1.2"), (["--until", "2026-02-30"], "until \"2026-02-30\""),
            (["--until", "2026-11-29"], "lies ahead"), (["--models", ""], "no model"), (["--models", "a,,b"], nil),
        ] as [([String], String?)] {
            // The last of an option counts.
            let command = try #require(
                try BenchFillCommand.parseAsRoot(["--days", "3", "--users", "5", "--rows", "9"] + arguments)
                    as? BenchFillCommand)
            guard let words else {
                #expect(try command.plan(today: today).models.map(\.name) == ["a", "b"])
                continue
            }
            let error = #expect(throws: (any Error).self) { try command.plan(today: today) }
            #expect(error.map { "\($0)".contains(words) } ?? false, "\(arguments): \(String(describing: error))")
        }
    }

    @Test(
        "Numbers with a unit",
        arguments: [("250000", 250_000), ("100k", 100_000), ("100M", 100_000_000), ("2G", 2_000_000_000)])
    func counts(text: String, number: Int) throws {
        #expect(try BenchFillCommand.count(text, "rows") == number)
    }

    @Test("The time left is told as soon as it can be known")
    func ticks() throws {
        let plan = try FillPlan(firstDay: LedgerDay(number: 20_000), days: 1, users: 1, calls: 100)
        #expect(FillTicker.line(FillProgress(plan)) == "2024-10-04: 0 of 100 calls, 0 rows, 0 rows/s")
    }
}
