import Postgres
import SluiceCore
import SluiceLedger
import SluiceTesting
import Testing

/// Reports on spend, as a member of `sluice_audit` reads them, beside sums over the rows.
@Suite(.timeLimit(.minutes(10))) struct SpendReportTests {
    /// 2025-10-22 to 2025-11-04: around the night in which Central Europe puts its clocks back, and the end of a month.
    private static let days = LedgerDay(number: 20383)..<LedgerDay(number: 20397)

    @Test(
        "Any range, by anything, in any time zone",
        arguments: ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
    func anyRange(zone: String) async throws {
        try await ReportWorld.with { world in
            var generator = SeededGenerator(seed: UInt64(zone.utf8.count))
            try await world.prepare(from: "2025-10-22", days: 14)
            let ledger = RandomLedger(300, in: Self.days, using: &generator)
            try await world.write(ledger.calls)
            try await world.write(ledger.settlements)
            for until in ["2025-10-26", "2025-11-05"] {
                try await world.rollUp(until: until)
                for _ in 0..<4 {
                    let range = try await Self.range(world, zone, using: &generator)
                    let user = Bool.random(using: &generator) ? RandomLedger.users[0] : nil
                    for key in SpendKey.allCases { try await expectSpend(world, by: key, of: user, in: range) }
                }
            }
        }
    }

    private static func range(
        _ world: ReportWorld, _ zone: String, using generator: inout SeededGenerator
    ) async throws -> ReportRange {
        let bounds = (0..<2).map { _ in
            Int.random(in: days.lowerBound.number..<days.upperBound.number, using: &generator)
        }
        .sorted()
        let from = LedgerDay(number: bounds[0])
        let until = LedgerDay(number: bounds[1] + 1)
        let moment = until.start.advanced(by: .seconds(-Int64.random(in: 0..<86_000, using: &generator)))
        return try await world.reports.range(
            from: .day(from), until: Bool.random(using: &generator) ? .day(until) : .moment(moment), zone: zone)
    }

    private func expectSpend(
        _ world: ReportWorld, by key: SpendKey, of user: UserID?, in range: ReportRange
    ) async throws {
        let lines = try await world.reports.spend(by: key, of: user, in: range)
        let expected = try await direct(world, by: key, of: user, in: range)
        #expect(
            Dictionary(uniqueKeysWithValues: lines.map { ($0.key, $0.spend.figures) }) == expected, "\(key) \(range)")
        if !key.isTime { #expect(lines.map(\.spend.cost) == lines.map(\.spend.cost).sorted(by: >)) }
    }

    private func direct(
        _ world: ReportWorld, by key: SpendKey, of user: UserID?, in range: ReportRange
    ) async throws -> [String?: [Int64]] {
        let expression =
            switch key {
            case .day: "to_char(r.at AT TIME ZONE '\(range.zone)', 'YYYY-MM-DD')"
            case .month: "to_char(r.at AT TIME ZONE '\(range.zone)', 'YYYY-MM')"
            case .model: "r.model"
            case .user: "r.user_id::text"
            case .key: "r.key_id::text"
            case .route: "r.route"
            }
        let time = "r.at >= \(range.from.sql) AND r.at < \(range.until.sql)"
        let sql = DirectSums.grouped(by: expression, where: time + (user.map { " AND r.user_id = '\($0)'" } ?? ""))
        var sums: [String?: [Int64]] = [:]
        for row in try await world.owner.query(sql, []) {
            let name = try row.decode(String?.self, at: 0)
            sums[name] = try (1...8).map { try row.decode(Int64.self, at: $0) }
        }
        return sums
    }

    @Test("The day on which clocks are put back has 25 hours")
    func longDay() async throws {
        try await ReportWorld.with { world in
            try await world.prepare(from: "2025-10-24", days: 4)
            let user = UserID.fresh()
            let first = LedgerDay(iso: "2025-10-25")!.start.advanced(by: .seconds(22 * 3_600))
            // One an hour, from the last hour of Saturday on.
            try await world.write(
                (-1...25).map { hour in
                    WrittenCall(user: user, at: first.advanced(by: .seconds(hour * 3_600)), id: .fresh())
                })
            let range = try await world.reports.range(
                from: .day(LedgerDay(iso: "2025-10-25")!), until: .day(LedgerDay(iso: "2025-10-27")!),
                zone: "Europe/Berlin")
            let lines = try await world.reports.spend(by: .day, in: range)
            #expect(lines.map(\.key) == ["2025-10-25", "2025-10-26"])
            #expect(lines.map(\.spend.calls) == [1, 25])
        }
    }

    @Test("Without bounds a report is about this month up to now")
    func standardRange() async throws {
        try await ReportWorld.with { world in
            let range = try await world.reports.range(from: nil, until: nil)
            #expect(range.until == range.now && LedgerDay(of: range.from).description.hasSuffix("-01"))
            #expect(LedgerDay(of: range.from).description.prefix(7) == LedgerDay(of: range.now).description.prefix(7))
            let user = UserID.fresh()
            try await world.write([
                WrittenCall(user: user, at: range.now.advanced(by: .seconds(-1)), id: .fresh(), weight: 4)
            ])
            let lines = try await world.reports.spend(by: .user, in: range, limit: 1)
            #expect(lines.map(\.key) == [user.description] && lines.first?.spend.weight == 4)
        }
    }

    @Test("Zones and ranges that are none are refused, naming what is wrong")
    func badRanges() async throws {
        try await ReportWorld.with { world in
            // PostgreSQL itself takes the second for a zone of POSIX.
            for zone in ["Europe/Berlni", "CEST+5", ""] {
                await #expect {
                    _ = try await world.reports.range(from: nil, until: nil, zone: zone)
                } throws: {
                    guard case .unknownZone(zone, let known) = $0 as? ReportError else { return false }
                    return known.contains("Europe/Berlin")
                }
            }
            let day = LedgerDay(iso: "2025-10-25")!
            for until in [day, LedgerDay(number: day.number - 1)] {
                await #expect {
                    _ = try await world.reports.range(from: .day(day), until: .day(until))
                } throws: {
                    guard case .reversed = $0 as? ReportError else { return false }
                    return true
                }
            }
        }
    }
}

extension Spend {
    /// Those that the tests write.
    fileprivate var figures: [Int64] { [calls, weight, unchecked, settled, unpriced, inputTokens, outputTokens, cost] }
}

extension Timestamp {
    fileprivate var sql: String { "to_timestamp(0) + \(microseconds) * interval '1 microsecond'" }
}
