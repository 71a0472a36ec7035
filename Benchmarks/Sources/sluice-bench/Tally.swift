/// What came of the calls.
struct Tally: Sendable {
    var latencies: [Duration] = []
    private(set) var admitted = 0
    private(set) var refused = 0
    private(set) var unchecked = 0

    mutating func count(_ outcome: Outcome, after latency: Duration) {
        latencies.append(latency)
        switch outcome {
        case .admitted: admitted += 1
        case .unchecked: unchecked += 1
        case .refused: refused += 1
        }
    }

    mutating func add(_ other: Tally) {
        latencies += other.latencies
        admitted += other.admitted
        refused += other.refused
        unchecked += other.unchecked
    }
}
