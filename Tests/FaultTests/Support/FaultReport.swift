import Glibc

/// When a fault was.
struct FaultTimes {
    let began: ContinuousClock.Instant
    /// From then on the server answers.
    let ended: ContinuousClock.Instant

    func isFaulty(_ record: CallRecord) -> Bool { record.began >= began && record.began < ended }
}

/// The figures of a case, for `bin/faults`.
struct FaultReport {
    private let line: String

    init(
        name: String, records: [CallRecord], found: Reconciliation, times: FaultTimes,
        open: [Range<ContinuousClock.Instant>]
    ) {
        let answered = records.filter(\.isAnswered)
        let faulty = Latencies(answered.filter(times.isFaulty).map(\.wait))
        let whileOpen = Latencies(Self.waits(of: answered, within: open))
        let figures =
            [0.5, 0.99, 0.999].map { faulty.quantile($0)?.figure ?? "–" } + [
                faulty.longest?.figure ?? "–", whileOpen.quantile(0.99)?.figure ?? "–",
                Self.recovery(records, times)?.figure ?? "–",
            ]
        let unchecked = records.count { $0.outcome == .unchecked }
        let counts = [records.count, unchecked, found.lost.count, found.doubled.count].map { "\($0)" }
        line = "| \(name) | " + (counts + figures).joined(separator: " | ") + " |"
    }

    /// Adds it to the report, if one is written.
    func tell() {
        guard let path = FaultSettings.report, let file = fopen(path, "a") else { return }
        fputs(line + "\n", file)
        fclose(file)
    }

    /// From the end of the fault to the first enforced admission whose question was sent after it.
    private static func recovery(_ records: [CallRecord], _ times: FaultTimes) -> Duration? {
        records.filter { $0.outcome == .enforced && $0.began >= times.ended }.map { $0.ended - times.ended }.min()
    }

    /// - Parameter times: in order, apart from each other.
    private static func waits(of records: [CallRecord], within times: [Range<ContinuousClock.Instant>]) -> [Duration] {
        var index = 0
        return records.sorted { $0.began < $1.began }.compactMap { record in
            while index < times.count, times[index].upperBound <= record.began { index += 1 }
            guard index < times.count, times[index].lowerBound <= record.began, record.ended <= times[index].upperBound
            else { return nil }
            return record.wait
        }
    }
}
