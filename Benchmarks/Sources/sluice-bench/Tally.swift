import Sluice

/// What came of the calls.
struct Tally: Sendable {
    var latencies: [Duration] = []
    private var admitted = 0
    private var refused = 0
    private var unchecked = 0

    mutating func count(_ decision: Decision, after latency: Duration) {
        latencies.append(latency)
        switch decision {
        case .admitted(let admission) where admission.mode == .enforced: admitted += 1
        case .admitted: unchecked += 1
        case .refused, .neverFits: refused += 1
        }
    }

    mutating func add(_ other: Tally) {
        latencies += other.latencies
        admitted += other.admitted
        refused += other.refused
        unchecked += other.unchecked
    }

    /// Rates in decisions per second, latencies in milliseconds.
    func json(after duration: Duration) -> String {
        let sorted = latencies.sorted()
        let rate = Double(sorted.count) / (duration / .seconds(1))
        return """
            {"rate":\(Int(rate)),"p50_ms":\(Self.milliseconds(sorted, 0.5)),"p99_ms":\(Self.milliseconds(sorted, 0.99)),\
            "max_ms":\(Self.milliseconds(sorted, 1)),\
            "admitted":\(admitted),"refused":\(refused),"unchecked":\(unchecked)}
            """
    }

    private static func milliseconds(_ sorted: [Duration], _ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let index = min(sorted.count - 1, Int(Double(sorted.count) * share))
        return (sorted[index] / .microseconds(1)).rounded() / 1_000
    }
}
