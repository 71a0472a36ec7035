/// The ledgers of many users, bounded: rows that no decision needs any more are dropped as their users are touched, idle users by
/// a sweep that goes a few users further with every batch.
package struct MemoryLedger: Sendable {
    private let idMemory: Duration
    private let maximumRows: Int
    private var ledgers: [UserID: UserLedger] = [:]
    /// The users in ``ledgers``, each once: the sweep's way.
    private var order: [UserID] = []
    private var cursor = 0
    private var longest: Duration = .zero
    private(set) package var rowCount = 0

    /// - Parameters:
    ///   - idMemory: how long a supplied call id is recognised, at least the longest window.
    ///   - maximumRows: beyond it whole users are forgotten, whoever the sweep meets.
    package init(idMemory: Duration = UserLedger.idMemory, maximumRows: Int = .max) {
        self.idMemory = idMemory
        self.maximumRows = maximumRows
    }

    package var userCount: Int { ledgers.count }

    package func rows(of user: UserID) -> [LedgerRow] { ledgers[user]?.rows ?? [] }

    /// - Returns: one decision per call, in the order of `calls`.
    package mutating func admit(_ calls: [Call], under policy: Policy, clock: Timestamp) -> [Decision] {
        longest = max(longest, policy.longestLength)
        guard let first = calls.first else { return [] }
        guard calls.contains(where: { $0.user != first.user }) else {
            return change(first.user, clock: clock) { $0.decide(calls, under: policy, clock: clock) }
        }
        var decisions: [Int: Decision] = [:]
        for (user, indices) in Dictionary(grouping: calls.indices, by: { calls[$0].user }) {
            let own = change(user, clock: clock) {
                $0.decide(indices.map { calls[$0] }, under: policy, clock: clock)
            }
            for (index, decision) in zip(indices, own) { decisions[index] = decision }
        }
        return calls.indices.compactMap { decisions[$0] }
    }

    package func peek(of user: UserID, weight: Int64, under policy: Policy, clock: Timestamp) -> Peek {
        (ledgers[user] ?? UserLedger()).peek(of: user, weight: weight, under: policy, clock: clock)
    }

    /// Counts a call that somebody else admitted, unless its supplied id was counted before.
    package mutating func note(_ call: Call, under policy: Policy, clock: Timestamp) {
        longest = max(longest, policy.longestLength)
        change(call.user, clock: clock) { ledger in
            if call.isIDSupplied, ledger.row(of: call.id, after: Timestamp(microseconds: .min)) != nil { return }
            ledger.append(call, at: ledger.moment(clock: clock), longest: policy.longestLength)
        }
    }

    package mutating func insertUnchecked(_ call: Call, at time: Timestamp) {
        change(call.user, clock: time) { $0.insertUnchecked(call, at: time) }
    }

    private mutating func change<T>(_ user: UserID, clock: Timestamp, _ body: (inout UserLedger) -> T) -> T {
        if ledgers[user] == nil { order.append(user) }
        let horizon = self.horizon(clock: clock)
        let result = { (ledger: inout UserLedger) in
            let before = ledger.count
            ledger.drop(through: horizon)
            let result = body(&ledger)
            rowCount += ledger.count - before
            return result
        }(&ledgers[user, default: UserLedger()])
        sweep(horizon: horizon)
        return result
    }

    /// Rows up to here are needed by nobody: the answer to a replayed id looks at one window before the id's row.
    private func horizon(clock: Timestamp) -> Timestamp {
        clock.before(max(longest, idMemory)).before(longest)
    }

    /// Visits two users for each one touched, so that idle users go faster than new ones come.
    private mutating func sweep(horizon: Timestamp) {
        var visits = 2
        while !order.isEmpty, visits > 0 || rowCount > maximumRows {
            visits -= 1
            if cursor >= order.count { cursor = 0 }
            let user = order[cursor]
            let before = ledgers[user]?.count ?? 0
            ledgers[user]?.drop(through: horizon)
            let after = ledgers[user]?.count ?? 0
            rowCount -= before - after
            if after == 0 || rowCount > maximumRows {
                rowCount -= after
                ledgers[user] = nil
                order.swapAt(cursor, order.count - 1)
                order.removeLast()
            } else {
                cursor += 1
            }
        }
    }
}
