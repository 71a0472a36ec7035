/// What a made-up history looks like. The same plan makes the same rows.
public struct FillPlan: Hashable, Sendable {
    /// The first day of the history.
    public let firstDay: LedgerDay
    /// 1 … 1,000.
    public let days: Int
    /// 1 … 5,000,000. Some 130 bytes of memory each.
    public let users: Int
    /// Calls in all days together, 1 … 10,000,000,000; settlements and refusals come on top.
    public let calls: Int
    /// Which part of the calls is settled, 0 … 1.
    public let settled: Double
    public let seed: UInt64
    /// Of whom the calls ask; not empty.
    public let models: [FillModel]

    /// - Throws: ``FillError`` for a number that is out of range.
    public init(
        firstDay: LedgerDay, days: Int, users: Int, calls: Int, settled: Double = 0.97, seed: UInt64 = 1,
        models: [FillModel] = FillModel.usual
    ) throws(FillError) {
        try Self.check("days", days, 1...1_000)
        try Self.check("users", users, 1...5_000_000)
        try Self.check("rows", calls, 1...10_000_000_000)
        guard (0...1).contains(settled) else {
            throw FillError(.plan, "settled \(settled) is no part of the calls: use 0 to 1, such as 0.97")
        }
        guard !models.isEmpty else { throw FillError(.plan, "no model is left to ask: name at least one") }
        self.firstDay = firstDay
        self.days = days
        self.users = users
        self.calls = calls
        self.settled = settled
        self.seed = seed
        self.models = models
    }

    /// The day after the last one.
    public var endDay: LedgerDay { LedgerDay(number: firstDay.number + days) }

    /// How many calls each day has: fewer at weekends, and more from month to month.
    public var callsPerDay: [Int] {
        let weights = (0..<days).map { index in
            let weekday = (firstDay.number + index + 4) % 7  // 1970-01-01 was a Thursday; 0 is a Sunday.
            return (weekday == 0 || weekday == 6 ? 0.6 : 1) * (1 + 0.004 * Double(index))
        }
        let whole = weights.reduce(0, +)
        var sum = 0.0
        var given = 0
        return weights.map { weight in
            sum += weight
            let until = Int((Double(calls) * min(1, sum / whole)).rounded())
            defer { given = until }
            return until - given
        }
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(FillError) {
        guard range.contains(value) else {
            throw FillError(
                .plan, "\(name) \(value) is out of range: use \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
