import SluiceCore
import SluiceTesting

/// Judges the calls of one user, as their callers saw them, by the rows that the ledger holds.
struct HistoryAudit {
    private let window: Window
    private let times: [Timestamp]
    /// Weight of the rows before each, and of all.
    private let sums: [Int64]

    /// - Parameter rows: of one user, in the order of time.
    init(_ rows: [LedgerRow], in window: Window) {
        self.window = window
        times = rows.map(\.at)
        sums = rows.reduce(into: [0]) { sums, row in sums.append((sums.last ?? 0) + row.weight) }
    }

    /// What breaks an invariant, by what it is.
    func faults(among refusals: [Attempt]) -> [(fault: String, found: [String])] {
        let events = times.indices.map { WindowChecker.Event(at: times[$0], weight: sums[$0 + 1] - sums[$0]) }
        return [
            ("windows that hold too much", WindowChecker.violations(events, in: window).map(\.description)),
            ("refusals without need", refusals.filter { !isJustified($0) }.map { "\($0)" }),
            ("waits that are too short", refusals.filter { !isKept($0) }.map { "\($0)" }),
            ("waits that are too long", refusals.filter { !isTight($0) }.map { "\($0)" }),
        ]
    }

    /// Invariant 2: at some moment between question and answer the call did not fit.
    private func isJustified(_ refusal: Attempt) -> Bool {
        // A user's rows are at least 1 µs apart, so one of a batch may be stamped a little after the clock.
        let end = refusal.receivedAt.advanced(by: .milliseconds(1))
        let moments = [refusal.sentAt] + times[count(through: refusal.sentAt)..<count(through: end)]
        return moments.contains { moment in
            weight(after: moment.advanced(by: .zero - window.length), through: moment) + refusal.weight > window.limit
        }
    }

    /// Invariant 3: of what was there when the call was sent, enough has left when the wait is over.
    private func isKept(_ refusal: Attempt) -> Bool {
        guard let retryAfter = refusal.retryAfter else { return false }
        let start = refusal.receivedAt.advanced(by: retryAfter - window.length)
        return weight(after: start, through: refusal.sentAt) + refusal.weight <= window.limit
    }

    /// Invariant 3: a second sooner, not enough of what was there when it was answered has left.
    private func isTight(_ refusal: Attempt) -> Bool {
        guard let retryAfter = refusal.retryAfter else { return false }
        let start = refusal.sentAt.advanced(by: retryAfter - .seconds(1) - window.length)
        let end = refusal.receivedAt.advanced(by: .milliseconds(1))
        return weight(after: start, through: end) + refusal.weight > window.limit
    }

    private func weight(after start: Timestamp, through end: Timestamp) -> Int64 {
        max(0, sums[count(through: end)] - sums[count(through: start)])
    }

    /// Rows up to and including a moment.
    private func count(through moment: Timestamp) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
