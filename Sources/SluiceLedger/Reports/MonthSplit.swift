import SluiceCore

/// A range as whole months of UTC, whole days beside them, and the edges of days, whose rows are read.
struct MonthSplit: Hashable {
    let before: Range<Timestamp>
    let daysBefore: Range<LedgerDay>
    let months: Range<LedgerDay>
    let daysAfter: Range<LedgerDay>
    let after: Range<Timestamp>

    init(_ range: ReportRange) {
        // What reaches up to now takes the whole of this month: the ledger holds nothing later.
        let isOpen = range.from < range.now && range.now <= range.until
        let split = DaySplit(
            isOpen
                ? ReportRange(from: range.from, until: LedgerDay(of: range.now).nextMonth.start, now: range.now) : range
        )
        (before, after) = (split.before, split.after)
        let days = split.days
        let first = days.lowerBound.isFirstOfMonth ? days.lowerBound : days.lowerBound.nextMonth
        let last = days.upperBound.firstOfMonth
        guard first < last else {
            (daysBefore, months, daysAfter) = (days, first..<first, days.upperBound..<days.upperBound)
            return
        }
        (daysBefore, months, daysAfter) = (days.lowerBound..<first, first..<last, last..<days.upperBound)
    }
}

extension LedgerDay {
    var isFirstOfMonth: Bool { description.hasSuffix("-01") }

    var firstOfMonth: LedgerDay {
        var day = self
        while !day.isFirstOfMonth { day = LedgerDay(number: day.number - 1) }
        return day
    }

    var nextMonth: LedgerDay { LedgerDay(number: firstOfMonth.number + 31).firstOfMonth }
}
