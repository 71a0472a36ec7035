/// What the running totals of one made-up user stand at.
struct FillUser {
    let id: (UInt64, UInt64)
    /// Of enforced calls. Times are microseconds since 1970.
    var total: Int64 = 0
    var totalSince: Int64 = 0
    var lastCall = Int64.min
    /// Of settlements.
    var inputTotal: Int64 = 0
    var outputTotal: Int64 = 0
    var costTotal: Int64 = 0
    var settledSince: Int64 = 0
    var lastSettled = Int64.min

    /// Totals of calls start again for a user with no row in the longest window, which most ledgers have at a day; those of
    /// settlements after 7 days. See `sluice.settle_many`.
    private static let longestWindow: Int64 = 86_400_000_000
    private static let longestSilence: Int64 = 7 * 86_400_000_000

    /// - Parameter number: place among the users, which tells nothing of the place of the id.
    init(number: Int, seed: UInt64) {
        var random = FillRandom(seed: FillRandom.mixed(seed ^ 0x75_7365_7273) &+ UInt64(number))
        id = FillID.random(version: 4, &random)
    }

    mutating func count(_ weight: Int64, at: Int64) {
        if lastCall == .min || lastCall <= at - Self.longestWindow { (total, totalSince) = (0, at) }
        total += weight
        lastCall = at
    }

    mutating func settle(input: Int64, output: Int64, cost: Int64?, at: Int64) {
        if lastSettled == .min || lastSettled <= at - Self.longestSilence {
            (inputTotal, outputTotal, costTotal, settledSince) = (0, 0, 0, at)
        }
        inputTotal += input
        outputTotal += output
        costTotal += cost ?? 0
        lastSettled = at
    }
}
