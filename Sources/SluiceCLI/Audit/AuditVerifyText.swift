import SluiceLedger

/// What `sluice audit verify` tells a person.
struct AuditVerifyText {
    private let report: SealReport

    init(_ report: SealReport) { self.report = report }

    var text: String { (facts + differences).joined(separator: "\n") }

    private var facts: [String] {
        var lines = [
            "chain     " + (report.head.map { "\(report.seals) seals, the newest \($0)" } ?? "nothing is sealed yet"),
            "read      \(report.rows) rows of \(report.days) days",
        ]
        if !report.goneDays.isEmpty {
            lines.append(
                "gone      \(Self.spans(report.goneDays)): retention has taken rows; the chain alone speaks of them")
        }
        if !report.unsealedDays.isEmpty { lines.append("unsealed  \(Self.spans(report.unsealedDays))") }
        for (day, calls) in report.waiting.sorted(by: { $0.key < $1.key }) {
            lines.append("late      \(calls) unchecked calls of \(day) wait for an amendment")
        }
        return lines
    }

    private var differences: [String] {
        guard !report.problems.isEmpty else {
            return [report.head == nil ? "There is nothing to compare." : "Everything is as it was sealed."]
        }
        return report.problems.map { "DIFFERS   \($0)" }
    }

    /// `2026-11-01 to 2026-11-05, 2026-11-07`
    static func spans(_ days: [LedgerDay]) -> String {
        var spans: [ClosedRange<LedgerDay>] = []
        for day in days.sorted() {
            if let last = spans.last, last.upperBound.next == day {
                spans[spans.count - 1] = last.lowerBound...day
            } else {
                spans.append(day...day)
            }
        }
        let texts = spans.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
        }
        return texts.joined(separator: ", ")
    }
}
