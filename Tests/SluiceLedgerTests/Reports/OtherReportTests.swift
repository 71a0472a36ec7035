import Postgres
import SluiceCore
import SluiceLedger
import SluiceTesting
import Testing

/// Refusals, outages, one user, and the views that people read with psql.
@Suite(.timeLimit(.minutes(10))) struct OtherReportTests {
    @Test("Refusals by hour, day, user and policy, in a zone whose hours are not those of UTC")
    func refusals() async throws {
        try await ReportWorld.with { world in
            try await world.prepare(from: "2025-10-24", days: 3)
            let users = [UserID.fresh(), UserID.fresh()].sorted()
            try await world.owner.execute(
                """
                INSERT INTO sluice.refusals (user_id, minute, policy_id, refused, recorded_at) VALUES
                    ('\(users[0])', '2025-10-24T18:14Z', 1, 2, now()), ('\(users[0])', '2025-10-24T18:15Z', 1, 3, now()),
                    ('\(users[0])', '2025-10-24T18:15Z', 2, 4, now()), ('\(users[1])', '2025-10-24T18:20Z', 1, 50, now())
                """)
            let range = try await world.reports.range(
                from: .day(LedgerDay(iso: "2025-10-24")!), until: .day(LedgerDay(iso: "2025-10-26")!),
                zone: "Asia/Kathmandu")
            let hours = try await world.reports.refusals(by: .hour, in: range)
            let midnight = LedgerDay(iso: "2025-10-24")!.start.advanced(by: .seconds(18 * 3_600 + 900))
            #expect(hours.map(\.hour) == [midnight.advanced(by: .seconds(-3_600)), midnight])
            #expect(hours.map(\.refused) == [2, 57] && hours.map(\.users) == [1, 2])
            let days = try await world.reports.refusals(by: .day, in: range)
            #expect(days.map(\.key) == ["2025-10-24", "2025-10-25"] && days.map(\.refused) == [2, 57])
            let byUser = try await world.reports.refusals(by: .user, in: range, limit: 1)
            #expect(byUser.map(\.key) == [users[1].description])
            let policies = try await world.reports.refusals(by: .policy, of: users[0], in: range)
            #expect(policies.map(\.key) == ["1", "2"] && policies.map(\.refused) == [5, 4])
            #expect(
                try await world.difference(
                    "SELECT day, hour, sum(refused)::bigint FROM sluice.refusals_by_hour GROUP BY 1, 2",
                    """
                    SELECT minute::date, date_trunc('hour', minute), sum(refused)::bigint FROM sluice.refusals GROUP BY 1, 2
                    """) == 0)
        }
    }

    @Test("Outages are spans of unchecked calls of one replica")
    func outages() async throws {
        try await ReportWorld.with { world in
            try await world.prepare(from: "2025-10-24", days: 2)
            let start = LedgerDay(iso: "2025-10-24")!.start
            let user = UserID.fresh()
            func call(_ seconds: Int, _ replica: String, isUnchecked: Bool = true) -> WrittenCall {
                WrittenCall(
                    user: user, at: start.advanced(by: .seconds(seconds)), id: .fresh(), replica: replica, weight: 2,
                    isUnchecked: isUnchecked)
            }
            try await world.write([
                call(0, "a"), call(300, "a"), call(150, "b"), call(601, "a"), call(450, "a", isUnchecked: false),
            ])
            let range = try await world.reports.range(
                from: .moment(start.advanced(by: .seconds(300))), until: .day(LedgerDay(iso: "2025-10-25")!))
            let spans = try await world.reports.outages(in: range)
            #expect(
                spans.map(\.replica) == ["a", "a"] && spans.map(\.calls) == [2, 1] && spans.map(\.weight) == [4, 2])
            #expect(spans.first?.first == start && spans.first?.last == start.advanced(by: .seconds(300)))
            #expect(try await world.auditor.query("SELECT replica FROM sluice.outages", []).count == 3)
        }
    }

    @Test("Everything about one user")
    func user() async throws {
        try await ReportWorld.with { world in
            let user = UserID.fresh()
            let range = try await world.reports.range(from: nil, until: nil)
            try await world.owner.execute(
                """
                INSERT INTO sluice.api_keys (digest, prefix, name, user_id, role)
                VALUES (decode(repeat('ab', 32), 'hex'), 'slk_abc', 'a "name", quoted', '\(user)', 'agent')
                """)
            let calls = [10, 20, 4_000].map { seconds in
                WrittenCall(
                    user: user, at: range.now.advanced(by: .seconds(-seconds)), id: .fresh(), model: "m", weight: 3)
            }
            try await world.write(calls)
            try await world.write([
                WrittenSettlement(call: calls[0], at: range.now.advanced(by: .seconds(-5)), model: "m")
            ])
            let hour = try Window(name: "hour", limit: 5, length: .seconds(3_600))
            let report = try await world.reports.user(
                user,
                in: ReportRange(
                    from: range.now.advanced(by: .seconds(-5_000)), until: range.until, now: range.now), windows: [hour]
            )
            #expect(report.windows.map(\.used) == [6] && report.total.calls == 3)
            #expect(report.models.map(\.spend.unpriced) == [1] && report.keys.map(\.prefix) == ["slk_abc"])
            #expect(report.keys.first?.name == #"a "name", quoted"#)
        }
    }

    @Test("Reconciliation goes by call, whenever it was settled")
    func reconciliation() async throws {
        try await ReportWorld.with { world in
            var generator = SeededGenerator(seed: 3)
            try await world.prepare(from: "2025-10-24", days: 6)
            let days = LedgerDay(iso: "2025-10-24")!..<LedgerDay(iso: "2025-10-30")!
            let ledger = RandomLedger(200, in: days, using: &generator)
            try await world.write(ledger.calls)
            try await world.write(ledger.settlements)
            #expect(
                try await world.difference(
                    """
                    SELECT day, user_id, calls, settled, unsettled, unchecked, unpriced, input_tokens, cost_nanousd::bigint
                    FROM sluice.reconciliation
                    """,
                    """
                    SELECT (c.admitted_at AT TIME ZONE 'UTC')::date, c.user_id, count(*), count(s.id), count(*) - count(s.id),
                        count(*) FILTER (WHERE c.running_total IS NULL),
                        count(*) FILTER (WHERE s.id IS NOT NULL AND s.cost IS NULL),
                        coalesce(sum(s.input), 0)::bigint, coalesce(sum(s.cost), 0)::bigint
                    FROM sluice.calls AS c LEFT JOIN (
                        SELECT call_id AS id, sum(input_tokens) AS input, sum(cost_nanousd) AS cost FROM sluice.settlements
                        GROUP BY 1
                    ) AS s ON s.id = c.call_id
                    GROUP BY 1, 2
                    """) == 0)
        }
    }

    @Test("Each view answers an auditor, says what it is, and so does each of its columns")
    func comments() async throws {
        try await ReportWorld.with { world in
            let views = try await world.auditor.query(
                """
                SELECT c.relname, obj_description(c.oid, 'pg_class') IS NOT NULL, (
                        SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0
                            AND col_description(c.oid, a.attnum) IS NULL)
                FROM pg_class AS c WHERE c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'v'
                    AND c.relname NOT IN ('recent', 'near', 'later', 'open_partition')
                """, [])
            #expect(views.count >= 17)
            for row in views {
                let name = try row.decode(String.self, at: 0)
                #expect(try row.decode(Bool.self, at: 1), "\(name)")
                #expect(try row.decode(Int64.self, at: 2) == 0, "\(name)")
                try await world.auditor.query("SELECT * FROM sluice.\(name) LIMIT 1", [])
            }
            let tables = ["daily_spend", "monthly_spend", "daily_model_spend", "rolled_days", "rollup_progress"]
            for table in tables {
                await #expect(throws: PostgresError.self) {
                    try await world.auditor.query("SELECT FROM sluice.\(table)", [])
                }
            }
        }
    }
}
