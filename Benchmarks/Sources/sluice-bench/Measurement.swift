/// A tally and the time that it took.
struct Measurement: Sendable {
    let tally: Tally
    let duration: Duration

    /// Rates in calls per second, latencies in milliseconds.
    var json: String {
        let sorted = tally.latencies.sorted()
        let rate = Double(sorted.count) / (duration / .seconds(1))
        return """
            {"rate":\(Int(rate)),"p50_ms":\(Self.milliseconds(sorted, 0.5)),"p99_ms":\(Self.milliseconds(sorted, 0.99)),\
            "max_ms":\(Self.milliseconds(sorted, 1)),"calls":\(sorted.count),\
            "admitted":\(tally.admitted),"refused":\(tally.refused),"unchecked":\(tally.unchecked)}
            """
    }

    private static func milliseconds(_ sorted: [Duration], _ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let index = min(sorted.count - 1, Int(Double(sorted.count) * share))
        return (sorted[index] / .microseconds(1)).rounded() / 1_000
    }
}
