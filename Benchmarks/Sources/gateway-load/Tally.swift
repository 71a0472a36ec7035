/// What came of the calls.
struct Tally: Sendable {
    /// Of all calls, those before the measurement included.
    var statuses: [Int: Int] = [:]
    var hungUp = 0
    /// Calls without a whole answer, though the client stayed.
    var failed = 0
    private var whole = Histogram()
    private var first = Histogram()

    mutating func count(_ latency: Duration, firstByte: Duration) {
        whole.count(latency)
        first.count(firstByte)
    }

    mutating func add(_ other: Tally) {
        statuses.merge(other.statuses, uniquingKeysWith: +)
        hungUp += other.hungUp
        failed += other.failed
        whole.add(other.whole)
        first.add(other.first)
    }

    /// Rates in answers per second, latencies in milliseconds.
    func json(seconds: Double) -> String {
        let counts = statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return """
            {"rate":\(Int(Double(whole.total) / seconds)),"p50_ms":\(whole.milliseconds(0.5)),\
            "p99_ms":\(whole.milliseconds(0.99)),"first_p50_ms":\(first.milliseconds(0.5)),\
            "first_p99_ms":\(first.milliseconds(0.99)),"statuses":{\(counts)},"hung_up":\(hungUp),"failed":\(failed)}
            """
    }
}

/// Latencies by the microsecond up to 0.2 s, by the millisecond up to 60 s; longer ones count as that. However many, in
/// the same memory.
struct Histogram: Sendable {
    /// Where microseconds end and milliseconds begin.
    private static let fine = 200_000

    private var counts = [Int](repeating: 0, count: fine + 59_801)
    private(set) var total = 0

    mutating func count(_ latency: Duration) {
        let microseconds = Int(latency / .microseconds(1))
        let place = microseconds < Self.fine ? microseconds : Self.fine + (microseconds - Self.fine) / 1_000
        counts[min(counts.count - 1, place)] += 1
        total += 1
    }

    mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        total += other.total
    }

    func milliseconds(_ share: Double) -> Double {
        var rest = Int(Double(total) * share)
        for (place, count) in counts.enumerated() {
            rest -= count
            guard rest < 0 else { continue }
            return place < Self.fine ? Double(place) / 1_000 : Double(Self.fine / 1_000 + place - Self.fine)
        }
        return 0
    }
}
