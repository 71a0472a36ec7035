/// The windows of one user while the calls of one batch are counted.
///
/// The windows are those of ``start`` for every call of the batch: that a later call of it is stamped some microseconds later
/// does not let older rows leave.
struct BatchTally {
    let policy: Policy
    let start: Timestamp
    private var loads: [WindowLoad]
    private var last: Timestamp?

    init(of ledger: UserLedger, under policy: Policy, at start: Timestamp) {
        self.policy = policy
        self.start = start
        loads = policy.windows.map { ledger.load(after: start.before($0.length)) }
    }

    /// When the batch's next admitted call is stamped.
    var next: Timestamp { last?.advanced(by: .microseconds(1)) ?? start }
    /// The batch's last admitted call, or its start.
    var decidedAt: Timestamp { last ?? start }
    /// Every window as counted so far.
    var states: [WindowState] { zip(loads, policy.windows).map { $0.state(of: $1) } }
    /// Weight that every window still takes; negative when one holds more than its limit.
    var room: Int64 { zip(loads, policy.windows).map { $1.limit - $0.used }.min() ?? 0 }

    mutating func count(_ row: LedgerRow) -> Admission {
        for index in loads.indices { loads[index].count(row) }
        last = row.admittedAt
        return Admission(
            callID: row.callID, admittedAt: row.admittedAt, mode: .enforced, policy: policy, windows: states)
    }

    /// When every window has room for `weight`: `nil` when all have it now. At most each window's limit.
    func retryAt(weight: Int64, in ledger: UserLedger) -> Timestamp? {
        zip(loads, policy.windows).compactMap { load, window -> Timestamp? in
            let excess = load.used + weight - window.limit
            guard excess > 0 else { return nil }
            let row = ledger.row(completing: excess, after: start.before(window.length))
            // The user's next decision is later than the last row of this batch, whatever has left until then.
            return row.map { max($0.admittedAt.advanced(by: window.length), decidedAt.advanced(by: .microseconds(1))) }
        }.max()
    }
}
