/// Waits of callers, to be summed up.
struct Latencies {
    private let sorted: [Duration]

    init(_ waits: [Duration]) {
        sorted = waits.sorted()
    }

    var count: Int { sorted.count }
    var longest: Duration? { sorted.last }

    /// The wait that a share of the callers did not exceed; `nil` of none.
    func quantile(_ share: Double) -> Duration? {
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.down)))]
    }
}

extension Duration {
    /// In milliseconds, for a table.
    var figure: String {
        let micros = Int64(self / .microseconds(1))
        return "\(micros / 1_000).\(String(micros % 1_000 + 1_000).dropFirst().prefix(micros < 10_000 ? 2 : 1))"
    }
}
