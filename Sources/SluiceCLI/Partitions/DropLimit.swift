import SluiceCore
import SluiceLedger
import SluicePostgres

/// Which partitions `sluice partitions drop` is told to take: those all of whose rows are older.
enum DropLimit: Equatable {
    case days(Int)
    case before(LedgerDay)

    /// - Throws: ``CommandError`` unless exactly one of both is given, and makes sense.
    init(olderThan: Int?, before: String?) throws(CommandError) {
        switch (olderThan, before) {
        case (let days?, nil):
            let allowed = RetentionRule.allowedDays
            guard allowed.contains(days) else {
                throw CommandError(
                    .usage,
                    "older-than \(days) is out of range: use \(allowed.lowerBound) to \(allowed.upperBound) days; what is"
                        + " younger stays in any case")
            }
            self = .days(days)
        case (nil, let text?):
            guard let day = LedgerDay(iso: text) else {
                throw CommandError(.usage, "before \"\(text)\" is no date: write it as 2026-01-31")
            }
            self = .before(day)
        default: throw CommandError(.usage, "say which: either --older-than DAYS or --before DATE")
        }
    }

    /// Days that rows are kept, at a moment of the database's clock.
    ///
    /// - Throws: ``CommandError`` for a date that is too young.
    func keptDays(at now: Timestamp) throws(CommandError) -> Int {
        switch self {
        case .days(let days): return days
        case .before(let day):
            let days = LedgerDay(of: now).number - day.number
            guard days >= RetentionRule.allowedDays.lowerBound else {
                throw CommandError(
                    .usage,
                    "before \(day) would reach into the last \(RetentionRule.allowedDays.lowerBound) days, which stay in any"
                        + " case")
            }
            return min(days, RetentionRule.allowedDays.upperBound)
        }
    }

    /// What a partition's end must not be after.
    func end(at now: Timestamp) -> Timestamp {
        switch self {
        case .days(let days): now.advanced(by: .seconds(-86_400 * days))
        case .before(let day): day.start
        }
    }
}
