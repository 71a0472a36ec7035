import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceLedger

/// Ranges as months, days and edges.
@Suite struct SplitTests {
    private static let start = LedgerDay(number: 20483)

    @Test("The parts of a range follow each other without a gap", arguments: 1...200)
    func parts(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let range = Self.range(using: &generator)
        let days = DaySplit(range)
        if days.days.isEmpty {
            #expect(days.before == range.from..<range.until && days.after.isEmpty)
        } else {
            #expect(days.before == range.from..<days.days.lowerBound.start)
            #expect(days.after == days.days.upperBound.start..<range.until)
            #expect(Self.length(days.before) < 86_400_000_000 && Self.length(days.after) < 86_400_000_000)
        }
        let months = MonthSplit(range)
        #expect(months.before == days.before && months.after == days.after)
        #expect(
            months.daysBefore.lowerBound == days.days.lowerBound && months.daysAfter.upperBound == days.days.upperBound)
        guard !months.months.isEmpty else {
            #expect(months.daysBefore == days.days && months.daysAfter.isEmpty)
            return
        }
        #expect(months.daysBefore.upperBound == months.months.lowerBound)
        #expect(months.daysAfter.lowerBound == months.months.upperBound)
        #expect(
            months.months.lowerBound.description.hasSuffix("-01")
                && months.months.upperBound.description.hasSuffix("-01"))
        #expect(months.daysBefore.count < 31 && months.daysAfter.count < 31)
    }

    @Test("A month up to now is taken whole")
    func open() {
        let now = LedgerDay(iso: "2026-02-10")!.start.advanced(by: .seconds(5))
        let split = MonthSplit(ReportRange(from: LedgerDay(iso: "2026-01-31")!.start, until: now, now: now))
        #expect(
            split.daysBefore.count == 1 && split.months == LedgerDay(iso: "2026-02-01")!..<LedgerDay(iso: "2026-03-01")!
        )
        #expect(split.before.isEmpty && split.daysAfter.isEmpty && split.after.isEmpty)
    }

    @Test("Days of a range are cut at its ends")
    func days() {
        let range = ReportRange(
            from: Self.start.start.advanced(by: .seconds(1)), until: Self.start.end.advanced(by: .seconds(1)),
            now: Self.start.start)
        #expect(range.days.map(\.until) == [Self.start.end, range.until])
    }

    private static func length(_ range: Range<Timestamp>) -> Int64 {
        range.upperBound.microseconds - range.lowerBound.microseconds
    }

    private static func range(using generator: inout SeededGenerator) -> ReportRange {
        // Now and then a bound is a midnight.
        let bounds = (0..<2).map { _ in
            let seconds = Int64.random(in: 0..<(100 * 86_400), using: &generator)
            let whole = Bool.random(using: &generator) ? seconds : seconds / 86_400 * 86_400
            return start.start.advanced(by: .seconds(whole))
        }
        .sorted()
        return ReportRange(
            from: bounds[0], until: bounds[1].advanced(by: .microseconds(1)),
            now: start.start.advanced(by: .seconds(1_000 * 86_400)))
    }
}

extension Range<LedgerDay> {
    fileprivate var count: Int { upperBound.number - lowerBound.number }
}
