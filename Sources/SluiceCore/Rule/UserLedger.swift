/// One user's rows and what they say of a window: the memory of the rule, without a clock of its own.
package struct UserLedger: Sendable {
    /// A supplied call id is recognised for this long, or for the longest window if that is longer.
    package static let idMemory: Duration = .seconds(86_400)

    /// Enforced rows, each later than the one before.
    private var counted = Fifo<LedgerRow>()
    /// Rows that came in after an outage, in the order of time. Normally none.
    private var unchecked: [LedgerRow] = []
    /// The latest row of each id that a caller supplied.
    private var supplied: [CallID: LedgerRow] = [:]

    package init() {}

    package var count: Int { counted.count + unchecked.count }
    package var isEmpty: Bool { counted.isEmpty && unchecked.isEmpty }
    /// All rows, in the order of time.
    package var rows: [LedgerRow] { (counted + unchecked).sorted { $0.admittedAt < $1.admittedAt } }

    /// The time of a decision: the clock's, but later than every enforced row, so that time never runs backwards for a
    /// user. Unchecked rows carry the clock of a replica, which may be hours ahead; they do not move time.
    func moment(clock: Timestamp) -> Timestamp {
        max(clock, counted.last?.admittedAt.advanced(by: .microseconds(1)) ?? clock)
    }

    /// The row of a supplied id admitted after `start`.
    func row(of id: CallID, after start: Timestamp) -> LedgerRow? {
        guard let row = supplied[id], row.admittedAt > start else { return nil }
        return row
    }

    /// What the rows of `(start, end]` weigh; without an end also those that a replica stamped in the future.
    func load(after start: Timestamp, through end: Timestamp = Timestamp(microseconds: .max)) -> WindowLoad {
        let inside = counted.rows(after: start, through: end)
        var load = WindowLoad(used: Self.weight(of: inside), oldest: inside.first?.admittedAt)
        unchecked.rows(after: start, through: end).forEach { load.count($0) }
        return load
    }

    /// The weight of consecutive enforced rows, by the totals of the outer two where one sum runs through both.
    static func weight(of rows: Slice<Fifo<LedgerRow>>) -> Int64 {
        guard let oldest = rows.first, let first = oldest.total, let last = rows.last?.total else { return 0 }
        guard first.since == last.since else { return rows.reduce(0) { $0 + $1.weight } }
        return last.value - first.value + oldest.weight
    }

    /// The row with whose leaving at least `weight` of the rows after `start` has left; `nil` if they do not weigh that much.
    func row(completing weight: Int64, after start: Timestamp) -> LedgerRow? {
        var (index, other) = (counted.firstIndex(after: start), unchecked.firstIndex(after: start))
        var left = weight
        while index < counted.endIndex || other < unchecked.endIndex {
            let takesCounted =
                other == unchecked.endIndex
                || index < counted.endIndex && counted[index].admittedAt <= unchecked[other].admittedAt
            let row = takesCounted ? counted[index] : unchecked[other]
            left -= row.weight
            if left <= 0 { return row }
            if takesCounted { index += 1 } else { other += 1 }
        }
        return nil
    }

    /// Counts a call at `time`, which is later than every row. The total starts again where the longest window is empty.
    @discardableResult
    mutating func append(_ call: Call, at time: Timestamp, longest: Duration) -> LedgerRow {
        var total = RunningTotal(value: call.weight, since: time)
        if let newest = counted.last, newest.admittedAt > time.before(longest), let running = newest.total {
            total = RunningTotal(value: running.value + call.weight, since: running.since)
        }
        let row = LedgerRow(call: call, admittedAt: time, total: total)
        counted.append(row)
        remember(row)
        return row
    }

    /// Takes in a call that was let through at `time` without being counted.
    package mutating func insertUnchecked(_ call: Call, at time: Timestamp) {
        let row = LedgerRow(call: call, admittedAt: time, total: nil)
        unchecked.insert(row, at: unchecked.firstIndex(after: time))
        remember(row)
    }

    /// The row of a call that was let through without being counted, whoever chose its id.
    func uncheckedRow(of id: CallID) -> LedgerRow? {
        unchecked.first { $0.callID == id }
    }

    /// Forgets the rows admitted at `time` or before.
    package mutating func drop(through time: Timestamp) {
        while let row = counted.first, row.admittedAt <= time {
            _ = counted.popFirst()
            forget(row)
        }
        let count = unchecked.firstIndex(after: time)
        unchecked.prefix(count).forEach { forget($0) }
        unchecked.removeFirst(count)
    }

    private mutating func remember(_ row: LedgerRow) {
        guard row.isIDSupplied else { return }
        if let known = supplied[row.callID], known.admittedAt > row.admittedAt { return }
        supplied[row.callID] = row
    }

    private mutating func forget(_ row: LedgerRow) {
        if row.isIDSupplied, supplied[row.callID] == row { supplied[row.callID] = nil }
    }
}

extension RandomAccessCollection<LedgerRow> where Index == Int {
    /// Of rows in the order of time, the index of the first one after `time`.
    fileprivate func firstIndex(after time: Timestamp) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].admittedAt > time { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Of rows in the order of time, those of `(start, end]`.
    fileprivate func rows(after start: Timestamp, through end: Timestamp) -> SubSequence {
        let first = firstIndex(after: start)
        return self[first..<Swift.max(first, firstIndex(after: end))]
    }
}
