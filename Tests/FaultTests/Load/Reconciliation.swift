import SluiceCore
import SluiceTesting

/// What callers heard against what the ledger holds (invariants 1 and 4).
struct Reconciliation {
    /// Calls that were let through and have no row.
    private(set) var lost: [CallID] = []
    /// Rows beyond the first of one call.
    private(set) var doubled: [CallID] = []
    /// Rows that do not hold what was asked.
    private(set) var wrong: [String] = []
    /// Rows of calls that nobody asked for, or whose callers were told that they may not.
    private(set) var unfounded: [String] = []
    /// Rows of calls whose callers never learnt what became of them.
    private(set) var unheard = 0
    /// Unchecked rows whose times lie outside the call.
    private(set) var mistimed: [String] = []
    /// Windows of users without unchecked rows that hold too much.
    private(set) var overfull: [String] = []
    /// Rows of calls that were let through unchecked and had been counted all the same.
    private(set) var committedLate = 0

    /// - Parameter window: that the policy enforces.
    init(_ records: [CallRecord], _ rows: [LedgerRow], window: Window) {
        let byID = Dictionary(grouping: records.filter { $0.id != nil }) { $0.id ?? .fresh() }
        let rowsByID = Dictionary(grouping: rows, by: \.callID)
        for (id, calls) in byID where calls.contains(where: \.isLetThrough) && rowsByID[id] == nil { lost.append(id) }
        var withoutID = records.count { $0.id == nil && !$0.isLetThrough && $0.outcome != .refused }
        for (id, rows) in rowsByID {
            if rows.count > 1 { doubled += [CallID](repeating: id, count: rows.count - 1) }
            guard let calls = byID[id] else {
                unheard += 1
                withoutID -= 1
                if withoutID < 0 { unfounded.append("\(id), of no call") }
                continue
            }
            for row in rows { judge(row, calls) }
        }
        judgeWindows(rows, window)
    }

    private mutating func judge(_ row: LedgerRow, _ calls: [CallRecord]) {
        if calls.contains(where: { $0.user != row.user || $0.weight != row.weight }) { wrong.append("\(row)") }
        if calls.allSatisfy({ $0.outcome == .refused }) { unfounded.append("\(row.callID), refused") }
        if !calls.contains(where: \.isLetThrough) { unheard += 1 }
        guard row.isUnchecked else {
            if !calls.contains(where: { $0.outcome == .enforced }) { committedLate += 1 }
            return
        }
        let isTimely = calls.contains { call in
            row.at >= call.sentAt.advanced(by: .seconds(-1)) && row.at <= call.receivedAt.advanced(by: .seconds(1))
        }
        if !isTimely { mistimed.append("\(row.at.microseconds), sent \(calls[0].sentAt.microseconds)") }
    }

    private mutating func judgeWindows(_ rows: [LedgerRow], _ window: Window) {
        for (user, rows) in Dictionary(grouping: rows, by: \.user) where !rows.contains(where: \.isUnchecked) {
            let events = rows.map { WindowChecker.Event(at: $0.at, weight: $0.weight) }
            overfull += WindowChecker.violations(events, in: window).map { "\(user): \($0)" }
        }
    }
}
