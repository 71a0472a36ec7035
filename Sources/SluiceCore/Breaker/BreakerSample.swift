/// The last so many outcomes, good or bad, in a ring.
struct BreakerSample: Sendable {
    private let size: Int
    private var outcomes: [Bool] = []
    private var next = 0
    private var bad = 0
    private(set) var isLastBad = false

    init(size: Int) {
        self.size = max(1, size)
    }

    var count: Int { outcomes.count }
    var badShare: Double { outcomes.isEmpty ? 0 : Double(bad) / Double(outcomes.count) }

    mutating func add(isBad: Bool) {
        isLastBad = isBad
        bad += isBad ? 1 : 0
        guard outcomes.count == size else { return outcomes.append(isBad) }
        bad -= outcomes[next] ? 1 : 0
        outcomes[next] = isBad
        next = (next + 1) % size
    }
}
