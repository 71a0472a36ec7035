import Postgres
import SluiceCore

/// A `sluice.decisions`: the answers of one outcome to calls of a batch.
struct DecisionGroup {
    /// The calls' places in the batch, from 1; `nil` if these are all of them, in order.
    private let positions: [Int32]?
    /// `nil` for a word that is not known here: the schema is newer.
    let outcome: DecisionRow.Outcome?
    private let decidedAt: [Timestamp?]
    private let retryAt: [Timestamp?]?
    /// One element per window, call after call; likewise `resetAt`.
    private let used: [Int64]?
    private let resetAt: [Timestamp?]?

    init(_ row: PostgresRow) throws(PostgresError) {
        positions = try row.decode(at: 0)
        outcome = DecisionRow.Outcome(rawValue: try row.decode(String.self, at: 1))
        decidedAt = try row.decode(at: 2)
        retryAt = try row.decode(at: 3)
        used = try row.decode(at: 4)
        resetAt = try row.decode(at: 5)
    }

    /// How many calls it answers.
    var count: Int { decidedAt.count }

    /// The place in the batch of one of its calls, from 0.
    func position(of index: Int) -> Int {
        guard let positions else { return index }
        return index < positions.count ? Int(positions[index]) - 1 : -1
    }

    /// The answer to one of its calls in the words of the core; `nil` for one that was not decided, or an answer that lacks a part.
    func decision(_ index: Int, on call: Call, under policy: Policy) -> Decision? {
        guard let decidedAt = decidedAt[index] else { return nil }
        let retry = retryAt.flatMap { index < $0.count ? $0[index] : nil }
        return outcome?.decision(
            on: call, under: policy, decidedAt: decidedAt, retryAt: retry, isCounted: used != nil,
            windows: windows(index, policy))
    }

    /// Every window of the policy; none where nothing is known.
    private func windows(_ index: Int, _ policy: Policy) -> [WindowState] {
        let windows = policy.windows
        guard let used, used.count == count * windows.count else { return [] }
        return windows.indices.map { nr in
            let place = index * windows.count + nr
            let reset = resetAt.flatMap { place < $0.count ? $0[place] : nil }
            return WindowState(window: windows[nr], used: used[place], resetAt: reset)
        }
    }
}
