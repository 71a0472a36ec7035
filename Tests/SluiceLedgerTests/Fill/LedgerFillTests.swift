import Logging
import Postgres
import SluiceCore
import SluiceLedger
import SluiceTesting
import Testing

/// Made-up histories, and that they keep the rules of a real one.
struct LedgerFillTests {
    private static let logger = Logger(label: "fill-test") { _ in SwiftLogNoOpLogHandler() }
    private static let firstDay = LedgerDay(number: 20_700)

    private static func plan(
        firstDay: LedgerDay = firstDay, days: Int = 12, users: Int = 300, calls: Int = 20_000, settled: Double = 0.97,
        seed: UInt64 = 3
    ) throws -> FillPlan {
        try FillPlan(firstDay: firstDay, days: days, users: users, calls: calls, settled: settled, seed: seed)
    }

    private static func fill(_ url: String, _ plan: FillPlan, appends: Bool = false) async throws -> FillProgress {
        try await LedgerFill(plan: plan, database: PostgresConfiguration(url: url), logger: logger).run(
            appends: appends)
    }

    /// A database that was filled, and a superuser's connection to it.
    private nonisolated(nonsending) static func withFilled(
        _ plan: FillPlan,
        _ body: nonisolated(nonsending) (PostgresConnection, _ url: String, FillProgress) async throws -> Void
    ) async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            let progress = try await fill(url, plan)
            try await withConnection(TestRole.superuser.url(like: url)) { try await body($0, url, progress) }
        }
    }

    private nonisolated(nonsending) static func withConnection(
        _ url: String, _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Void
    ) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url), logger: logger)
        do {
            try await body(connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func count(_ connection: PostgresConnection, _ sql: String) async throws -> Int {
        try await connection.query(sql, [])[0].decode(Int.self, at: 0)
    }

    // MARK: The rows

    @Test func totalsAreThoseOfTheRowsBeforeThem() async throws {
        try await Self.withFilled(Self.plan()) { connection, _, progress in
            #expect(try await Self.count(connection, "SELECT count(*) FROM sluice.calls") == 20_000)
            #expect(progress.calls == 20_000)
            #expect(progress.daysDone == 12)
            let rows = try await Self.count(
                connection,
                """
                SELECT (SELECT count(*) FROM sluice.calls) + (SELECT count(*) FROM sluice.settlements)
                    + (SELECT count(*) FROM sluice.refusals)
                """)
            #expect(progress.rows == rows)
            let calls = try await connection.query(Self.wrongCalls)[0]
            #expect(try calls.decode(Int.self, at: 0) == 0, "totals that are not the sum")
            #expect(
                try calls.decode(Int.self, at: 1) == 0,
                "restarts where there was a row in the window, or none where there was none")
            #expect(try calls.decode(Int.self, at: 2) > 0, "no total started again: the test shows little")
            #expect(try await Self.count(connection, Self.wrongSettlements) == 0)
        }
    }

    private static let wrongCalls: PostgresQuery = """
        SELECT count(*) FILTER (WHERE s.summed <> s.running_total),
            count(*) FILTER (WHERE s.is_restart <> (s.before <= s.admitted_at - interval '1 day')),
            count(*) FILTER (WHERE s.is_restart)
        FROM (
            SELECT c.admitted_at, c.running_total,
                sum(c.weight) OVER (PARTITION BY c.user_id, c.total_since ORDER BY c.admitted_at) AS summed,
                lag(c.admitted_at) OVER mine AS before, lag(c.total_since) OVER mine <> c.total_since AS is_restart
            FROM sluice.calls AS c WHERE c.mode = 'enforced'
            WINDOW mine AS (PARTITION BY c.user_id ORDER BY c.admitted_at)
        ) AS s
        """

    private static let wrongSettlements = """
        SELECT count(*) FROM (
            SELECT s.*, sum(s.input_tokens) OVER run AS input, sum(s.output_tokens) OVER run AS output,
                sum(coalesce(s.cost_nanousd, 0)) OVER run AS cost, lag(s.settled_at) OVER mine AS before,
                lag(s.total_since) OVER mine <> s.total_since AS is_restart
            FROM sluice.settlements AS s
            WINDOW run AS (PARTITION BY s.user_id, s.total_since ORDER BY s.settled_at),
                mine AS (PARTITION BY s.user_id ORDER BY s.settled_at)
        ) AS s
        WHERE s.input <> s.input_total OR s.output <> s.output_total OR s.cost <> s.cost_total
            OR s.is_restart <> (s.before <= s.settled_at - interval '7 days')
        """

    @Test func settlementsBelongToTheCalls() async throws {
        try await Self.withFilled(Self.plan()) { connection, _, _ in
            let wrong = try await Self.count(
                connection,
                """
                SELECT count(*) FROM (
                    SELECT c.call_id, c.reserved_input, count(s.call_id) AS rows,
                        count(*) FILTER (WHERE NOT s.is_correction) AS first, sum(s.input_tokens) AS input,
                        sum(s.output_tokens) AS output, sum(s.cost_nanousd) AS cost
                    FROM sluice.calls AS c FULL JOIN sluice.settlements AS s USING (user_id, call_id, admitted_at)
                    GROUP BY c.call_id, c.reserved_input
                ) AS c
                WHERE c.call_id IS NULL OR (c.reserved_input IS NOT NULL) <> (c.rows > 0)
                    OR (c.rows > 0 AND c.first <> 1) OR c.rows > 2 OR c.input < 0 OR c.output < 0 OR c.cost < 0
                """)
            #expect(wrong == 0)
            let settled = try await Self.count(connection, "SELECT count(DISTINCT call_id) FROM sluice.settlements")
            #expect((19_200...19_600).contains(settled))
            let costs = try await Self.count(
                connection,
                """
                SELECT count(*) FROM sluice.settlements AS s LEFT JOIN sluice.prices AS p USING (price_id)
                WHERE NOT s.is_correction AND (s.cost_nanousd IS DISTINCT FROM round(
                    ((s.input_tokens - s.cached_tokens - s.cache_write_tokens)::numeric * p.input
                    + s.cached_tokens * p.cached + s.cache_write_tokens * p.cache_write + s.output_tokens * p.output)
                    / 1000000)
                    OR (p.price_id IS NOT NULL AND (s.admitted_at < p.valid_from OR s.admitted_at >= p.valid_until
                        OR s.model <> p.model)))
                """)
            #expect(costs == 0)
        }
    }

    @Test func theHistoryIsOneThatAServiceCouldHave() async throws {
        try await Self.withFilled(Self.plan(days: 40, calls: 40_000)) { connection, _, _ in
            let row = try await connection.query(
                """
                SELECT count(*) FILTER (WHERE mode = 'unchecked'), count(*) FILTER (WHERE attempt > 0),
                    count(DISTINCT model), count(DISTINCT (admitted_at AT TIME ZONE 'UTC')::date),
                    count(*) FILTER (WHERE extract(hour FROM admitted_at AT TIME ZONE 'UTC') BETWEEN 8 AND 17),
                    (max(admitted_at) < timestamptz '2026-09-04 00:00Z' + interval '40 days' AND min(admitted_at) >= '2026-09-04 00:00Z')::int
                FROM sluice.calls
                """)[0]
            #expect((1...800).contains(try row.decode(Int.self, at: 0)), "an outage or several")
            #expect(try row.decode(Int.self, at: 1) > 300, "retries")
            #expect(try row.decode(Int.self, at: 2) == FillModel.usual.count)
            #expect(try row.decode(Int.self, at: 3) == 40)
            #expect(try row.decode(Int.self, at: 4) > 24_000, "most come by day")
            #expect(try row.decode(Int32.self, at: 5) == 1, "all in the days that were asked for")
            #expect(
                try await Self.count(
                    connection,
                    """
                    SELECT count(*) FROM sluice.calls WHERE user_id IN (
                        SELECT user_id FROM sluice.calls GROUP BY user_id ORDER BY count(*) DESC LIMIT 30)
                    """) > 8_000, "a tenth of the users makes far more than a tenth of the calls")
            #expect(try await Self.count(connection, "SELECT count(*) FROM sluice.refusals") > 50)
            #expect(
                try await Self.count(connection, "SELECT sluice.expire_calls(interval '10 minutes')::bigint") == 0,
                "nothing is open")
        }
    }

    /// The functions that decide see in the rows what is in them.
    @Test func peekAgreesWithTheRows() async throws {
        let today = try await PostgresServer.shared().administer("SELECT (now() AT TIME ZONE 'UTC')::date::text")[0]
            .decode(String.self, at: 0)
        let end = try #require(LedgerDay(iso: today))
        let plan = try Self.plan(firstDay: LedgerDay(number: end.number - 12))
        try await Self.withFilled(plan) { connection, _, _ in
            for window in ["26 hours", "3 days", "7 days"] {
                let wrong = try await connection.query(
                    """
                    SELECT count(*), count(*) FILTER (WHERE s.peeked <> s.summed), max(s.summed)::bigint
                    FROM (
                        SELECT (sluice.peek(u.user_id, 0, 1000000, w.period)).used[1] AS peeked,
                            (SELECT coalesce(sum(c.weight), 0) FROM sluice.calls AS c WHERE c.user_id = u.user_id
                                AND c.admitted_at > clock_timestamp() - w.period) AS summed
                        FROM (SELECT DISTINCT user_id FROM sluice.calls) AS u,
                            (SELECT \(window)::interval AS period) AS w
                    ) AS s
                    """)[0]
                #expect(try wrong.decode(Int.self, at: 0) > 250)
                // A row may leave the window between the two questions.
                #expect(try wrong.decode(Int.self, at: 1) <= 1)
                #expect(try wrong.decode(Int?.self, at: 2) ?? 0 > 0 || window == "26 hours")
            }
        }
    }

    @Test func thePlanDecidesTheRows() async throws {
        var digests: [String] = []
        for seed: UInt64 in [3, 3, 4] {
            try await Self.withFilled(Self.plan(days: 3, calls: 3_000, seed: seed)) { connection, _, _ in
                let row = try await connection.query(
                    """
                    SELECT md5((SELECT string_agg(c::text, '' ORDER BY admitted_at) FROM sluice.calls AS c)
                        || (SELECT string_agg(s::text, '' ORDER BY settled_at) FROM sluice.settlements AS s)
                        || (SELECT string_agg(r::text, '' ORDER BY r::text) FROM sluice.refusals AS r))
                    """)[0]
                digests.append(try row.decode(String.self, at: 0))
            }
        }
        #expect(digests[0] == digests[1])
        #expect(digests[0] != digests[2])
    }

    // MARK: What is refused

    @Test func onlyADatabaseOfItsOwnIsFilled() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            let plan = try Self.plan(days: 2, calls: 100)
            _ = try await Self.fill(url, plan)
            await Self.expectRefusal("--append") { _ = try await Self.fill(url, plan) }
            await Self.expectRefusal("append other days") { _ = try await Self.fill(url, plan, appends: true) }
            let before = try Self.plan(firstDay: LedgerDay(number: Self.firstDay.number - 2), days: 2, calls: 50)
            #expect(try await Self.fill(url, before, appends: true).calls == 50)
            let earlier = try Self.plan(firstDay: LedgerDay(number: Self.firstDay.number - 4), days: 2, calls: 50)
            try await Self.withConnection(TestRole.superuser.url(like: url)) { connection in
                try await connection.query("SELECT sluice.admit(gen_random_uuid())", [])
            }
            await Self.expectRefusal("not made up here") { _ = try await Self.fill(url, earlier, appends: true) }
        }
    }

    @Test func closedDaysStayAsTheyAre() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            try await Self.withConnection(TestRole.superuser.url(like: url)) { connection in
                try await connection.query("SELECT sluice.roll_up(1000)", [])
                try await connection.execute(
                    "SELECT sluice.ensure_partitions(current_date, 1); UPDATE sluice.rollup_progress SET rolled_until = '2026-09-10'"
                )
            }
            await Self.expectRefusal("before any replica") { _ = try await Self.fill(url, Self.plan()) }
            let later = try Self.plan(firstDay: LedgerDay(iso: "2026-09-10")!, days: 2, calls: 50)
            #expect(try await Self.fill(url, later).calls == 50)
        }
    }

    @Test func whoMayNotWriteThePastIsTold() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .app) { url in
            await Self.expectRefusal("as a member of that role") { _ = try await Self.fill(url, Self.plan()) }
        }
        await Self.expectRefusal("sluice migrate up") {
            _ = try await Self.fill(PostgresServer.shared().url(), Self.plan())
        }
    }

    @Test func aBrokenConnectionEndsIt() async throws {
        try await PostgresServer.shared().withMigratedDatabase(as: .migrator) { url in
            // The role that may not write settlements fails in the middle of the other stream.
            try await Self.withConnection(TestRole.superuser.url(like: url)) { connection in
                try await connection.execute(
                    "ALTER TABLE sluice.settlements ADD CONSTRAINT none CHECK (input_tokens < 0)")
            }
            await #expect(throws: PostgresError.self) { _ = try await Self.fill(url, Self.plan(calls: 200_000)) }
        }
    }

    @Test func plansOutOfRangeAreRefused() {
        #expect(throws: FillError.self) { try Self.plan(days: 0) }
        #expect(throws: FillError.self) { try Self.plan(users: 0) }
        #expect(throws: FillError.self) { try Self.plan(calls: 0) }
        #expect(throws: FillError.self) { try Self.plan(settled: 1.5) }
        #expect(throws: FillError.self) { try Self.plan(settled: .nan) }
    }

    @Test func everyCallHasItsDay() throws {
        for (days, calls) in [(1, 1), (7, 3), (90, 100_000), (1_000, 999)] {
            let perDay = try Self.plan(days: days, calls: calls).callsPerDay
            #expect(perDay.reduce(0, +) == calls)
            #expect(perDay.allSatisfy { $0 >= 0 })
        }
    }

    private nonisolated(nonsending) static func expectRefusal(
        _ words: String, _ body: nonisolated(nonsending) () async throws -> Void
    ) async {
        let error = await #expect(throws: FillError.self) { try await body() }
        #expect(error?.description.contains(words) ?? false, "\(String(describing: error))")
    }
}
