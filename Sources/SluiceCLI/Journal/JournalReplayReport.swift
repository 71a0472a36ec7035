import SluiceCore
import SluiceJournal

/// What `sluice journal replay` found and did.
struct JournalReplayReport: Encodable, Equatable {
    /// Calls in segments of replicas that are gone.
    var waiting: Int
    /// Calls in segments that running replicas hold.
    var held: Int
    /// `nil` when nothing was brought.
    var outcome: Outcome?
    /// Calls that still wait.
    var left: Int

    struct Outcome: Encodable, Equatable {
        private(set) var recorded = 0
        private(set) var known = 0
        private(set) var rejected = 0
        /// The last error of the database, if there was one.
        private(set) var error: String?

        mutating func add(_ counts: ReplayCounts) {
            recorded += counts.recorded
            known += counts.known
            rejected += counts.rejected
            error = counts.failure.map { "\($0)" } ?? error
        }
    }

    init(_ segments: [SegmentReport]) {
        func records(_ state: SegmentReport.State) -> Int {
            segments.filter { $0.state == state }.reduce(0) { $0 + $1.records }
        }
        waiting = records(.waiting)
        held = records(.held)
        left = waiting
    }

    var isDone: Bool { left == 0 }

    func text(isDryRun: Bool) -> String {
        var lines: [String] = []
        if let outcome {
            lines.append("recorded \(outcome.recorded), known already \(outcome.known), rejected \(outcome.rejected)")
            if outcome.rejected > 0 { lines.append("the ledger never takes the rejected ones: they were set aside") }
            if !isDone { lines.append("left: \(left)" + (outcome.error.map { " (\($0))" } ?? "")) }
        } else if waiting > 0 {
            lines.append("\(isDryRun ? "would bring" : "left:") \(waiting)")
        } else {
            lines.append("nothing to bring")
        }
        if held > 0 { lines.append("\(held) are held by running replicas, which bring them in themselves") }
        return lines.joined(separator: "\n")
    }
}
