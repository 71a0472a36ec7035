import Postgres
import SluiceCore
import SluiceLedger
import SluiceTesting
import Testing

/// Sums of days that are over, and the views that read them.
@Suite(.timeLimit(.minutes(10))) struct RollupTests {
    @Test("The views tell what the rows tell, before, between and after days are summed up", arguments: 1...4)
    func equality(seed: UInt64) async throws {
        try await ReportWorld.with { world in
            var generator = SeededGenerator(seed: seed)
            let first = try await world.today(minus: 40)
            try await world.prepare(from: first, days: 42)
            let begin = try #require(LedgerDay(iso: first))
            // Days in two months or three, some of them empty, today among them.
            let ledger = RandomLedger(150, in: begin..<LedgerDay(number: begin.number + 40), using: &generator)
            try await world.write(ledger.calls)
            try await world.write(ledger.settlements)
            try await expectEqualViews(world)
            for days in [37, 12, 11, 0] {
                try await world.rollUp(until: try await world.today(minus: max(days, 1)))
                try await expectEqualViews(world)
            }
            let late = (0..<20).map { _ in
                RandomLedger.call(
                    in: begin..<LedgerDay(number: begin.number + 38), isUnchecked: true, using: &generator)
            }
            for part in [late.prefix(7), late.dropFirst(7)] {
                try await world.write(Array(part))
                try await world.rollUpLate()
                try await expectEqualViews(world)
            }
        }
    }

    private func expectEqualViews(
        _ world: ReportWorld, location: SourceLocation = #_sourceLocation
    ) async throws {
        let day = "(r.at AT TIME ZONE 'UTC')::date"
        let views = [
            (
                "day::text || user_id || coalesce(model, '-')", "spend_daily",
                "\(day)::text || user_id || coalesce(model, '-')"
            ),
            ("month::text || user_id", "spend_monthly", "date_trunc('month', \(day))::date::text || user_id"),
            ("day::text || coalesce(model, '-')", "spend_by_model", "\(day)::text || coalesce(model, '-')"),
        ]
        for (key, view, direct) in views {
            let different = try await world.difference(
                "SELECT \(key), \(DirectSums.found) FROM sluice.\(view) GROUP BY 1", DirectSums.grouped(by: direct))
            #expect(different == 0, "\(view)", sourceLocation: location)
        }
    }

    @Test("What was spent stays when retention drops the rows, and late calls are added to it")
    func droppedDay() async throws {
        try await ReportWorld.with { world in
            let day = try await world.today(minus: 5)
            try await world.prepare(from: day, days: 6)
            let start = try #require(LedgerDay(iso: day)).start
            let user = UserID.fresh()
            let calls = (0..<3).map { index in
                WrittenCall(
                    user: user, at: start.advanced(by: .seconds(index)), id: .fresh(), isUnchecked: index == 2)
            }
            try await world.write(calls)
            try await world.write([WrittenSettlement(call: calls[0], at: start.advanced(by: .seconds(9)), cost: 700)])
            try await world.rollUp(until: try await world.today(minus: 1))
            #expect(try await spend(world, on: day) == [3, 1, 700])

            let partition = day.filter { $0 != "-" }
            try await world.owner.execute(
                "DROP TABLE sluice.calls_\(partition); DROP TABLE sluice.settlements_\(partition)")
            try await world.rollUpLate()
            #expect(try await spend(world, on: day) == [3, 1, 700])

            // As many as there were, and more: neither takes the place of what is gone.
            try await world.prepare(from: day, days: 1)
            for expected in [Int64(4), 5, 6] {
                try await world.write([
                    WrittenCall(
                        user: user, at: start.advanced(by: .seconds(20 + expected)), id: .fresh(), isUnchecked: true)
                ])
                try await world.rollUpLate()
                #expect(try await spend(world, on: day) == [expected, expected - 2, 700])
            }
            try await world.rollUpLate()
            #expect(try await spend(world, on: day) == [6, 4, 700])
        }
    }

    /// Calls, unchecked ones and cost.
    private func spend(_ world: ReportWorld, on day: String) async throws -> [Int64] {
        let row = try await world.auditor.query(
            """
            SELECT sum(calls)::bigint, sum(unchecked)::bigint, sum(cost_nanousd)::bigint FROM sluice.spend_daily
            WHERE day = $1::text::date
            """, [day])[0]
        return [try row.decode(at: 0), try row.decode(at: 1), try row.decode(at: 2)]
    }

    @Test("A day is not summed up while a transaction that may add to it goes on")
    func openTransaction() async throws {
        try await ReportWorld.with { world in
            let day = try await world.today(minus: 2)
            try await world.prepare(from: day, days: 3)
            let start = try #require(LedgerDay(iso: day)).start
            let writer = try await PostgresConnection.connect(
                try PostgresConfiguration(url: world.url), logger: ReportWorld.quiet)
            try await writer.execute("BEGIN")
            try await writer.execute(
                WrittenCall.insertion(of: [WrittenCall(user: .fresh(), at: start, id: .fresh())]))
            for _ in 0..<3 { try await world.owner.query("SELECT sluice.roll_up(1000)", []) }
            #expect(try await world.rolledUntil() <= day)
            try await writer.execute("COMMIT")
            await writer.close()
            try await world.rollUp(until: try await world.today(minus: 1))
            let row = try await world.auditor.query(
                "SELECT calls FROM sluice.spend_by_model WHERE day = $1::text::date", [day])[0]
            #expect(try row.decode(Int64.self, at: 0) == 1)
        }
    }

    @Test("Nothing is counted twice, or not at all, while days are summed up and calls are admitted")
    func closingUnderLoad() async throws {
        try await ReportWorld.with { world in
            let first = try await world.today(minus: 8)
            try await world.prepare(from: first, days: 10)
            let begin = try #require(LedgerDay(iso: first))
            var generator = SeededGenerator(seed: 5)
            let ledger = RandomLedger(600, in: begin..<LedgerDay(number: begin.number + 8), using: &generator)
            try await world.write(ledger.calls)
            let until = try await world.today(minus: 1)
            let today = try await world.today()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await world.rollUp(until: until) }
                group.addTask {
                    let admitting = try await PostgresConnection.connect(
                        try PostgresConfiguration(url: world.url), logger: ReportWorld.quiet)
                    for _ in 0..<100 {
                        try await admitting.query("SELECT sluice.admit($1)", [UserID.fresh()])
                    }
                    await admitting.close()
                }
                repeat {
                    let row = try await world.auditor.query(
                        "SELECT sum(calls)::bigint FROM sluice.spend_daily WHERE day < $1::text::date", [today])[0]
                    #expect(try row.decode(Int64.self, at: 0) == 600)
                } while try await world.auditor.query("SELECT count(*) FROM sluice.summed_days", [])[0]
                    .decode(Int64.self, at: 0) < 7
                try await group.waitForAll()
            }
            #expect(
                try await world.difference(
                    "SELECT day, sum(calls)::bigint FROM sluice.spend_daily GROUP BY 1",
                    "SELECT (admitted_at AT TIME ZONE 'UTC')::date, count(*) FROM sluice.calls GROUP BY 1") == 0)
        }
    }

    @Test("The maintenance sums up all days that are over, as a replica's role, and is content with an older schema")
    func maintenance() async throws {
        try await ReportWorld.with { world in
            let first = try await world.today(minus: 3)
            try await world.prepare(from: first, days: 4)
            let app = try PostgresConfiguration(url: TestRole.app.url(like: world.url))
            let maintenance = RollupMaintenance(database: app, logger: ReportWorld.quiet)
            while try await world.rolledUntil() < (try await world.today(minus: 1)) { try await maintenance.maintain() }
            #expect(try await maintenance.maintain() == 0)
            await #expect(throws: PostgresError.self) { try await world.auditor.query("SELECT sluice.roll_up()", []) }
            try await world.owner.execute("DROP FUNCTION sluice.roll_up(integer, interval, interval)")
            await #expect { try await maintenance.maintain() } throws: {
                ($0 as? PostgresError)?.sqlState == .undefinedFunction
            }
        }
    }
}
