import SluiceCore

/// A range as whole UTC days, which are summed up, and the edges before and after, whose rows are read.
struct DaySplit: Hashable {
    let before: Range<Timestamp>
    let days: Range<LedgerDay>
    let after: Range<Timestamp>

    init(_ range: ReportRange) {
        let from = range.from
        let until = max(from, range.until)
        let begun = LedgerDay(of: from)
        let first = begun.start == from ? begun : begun.next
        let last = LedgerDay(of: until)
        guard first < last else {
            (before, days, after) = (from..<until, first..<first, until..<until)
            return
        }
        (before, days, after) = (from..<first.start, first..<last, last.start..<until)
    }
}
