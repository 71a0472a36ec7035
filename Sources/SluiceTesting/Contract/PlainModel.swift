import SluiceCore

/// The rule once more, as plainly as it can be said: every row is kept, every figure is a sum over all of them, every wait is
/// found by trying each moment at which something leaves. Slow, and independent of the rule's own code.
struct PlainModel {
    struct Row {
        let call: Call
        let at: Timestamp
        let mode: AdmissionMode
    }

    private(set) var rows: [Row] = []

    mutating func insertUnchecked(_ call: Call, at time: Timestamp) {
        rows.append(Row(call: call, at: time, mode: .unchecked))
    }

    mutating func admit(_ calls: [Call], under policy: Policy, clock: Timestamp) -> [Decision] {
        var decisions: [Int: Decision] = [:]
        for user in Set(calls.map(\.user)) {
            let own = calls.indices.filter { calls[$0].user == user }
            admit(own.map { ($0, calls[$0]) }, of: user, under: policy, clock: clock, into: &decisions)
        }
        return calls.indices.compactMap { decisions[$0] }
    }

    func peek(_ user: UserID, weight: Int64, under policy: Policy, clock: Timestamp) -> Peek {
        let start = start(of: user, clock: clock)
        let weight = max(1, weight)
        let fits = fits(weight, user, policy, after: start)
        let admissibleAt = fits ? start : firstMoment(for: weight, user, policy, since: start, later: start)
        return Peek(
            user: user, at: start, policy: policy, windows: windows(of: user, policy, after: start),
            admissibleAt: admissibleAt)
    }

    private mutating func admit(
        _ calls: [(index: Int, call: Call)], of user: UserID, under policy: Policy, clock: Timestamp,
        into decisions: inout [Int: Decision]
    ) {
        let start = start(of: user, clock: clock)
        let memory = max(.seconds(86_400), policy.windows.map(\.length).max() ?? .zero)
        let known = rows
        var (asking, looking, again) = ([(index: Int, call: Call)](), [(index: Int, call: Call)](), [Int: Int]())
        for (index, call) in calls {
            let row = known.filter { $0.call.user == user && $0.call.isIDSupplied && $0.call.id == call.id }
                .max { $0.at < $1.at }
            if call.isIDSupplied, let row, row.at > start.advanced(by: .zero - memory) {
                decisions[index] = .admitted(replay(row, policy))
            } else if call.weight == 0 {
                looking.append((index, call))
            } else if call.isIDSupplied, let first = asking.first(where: { $0.call.id == call.id }) {
                again[index] = first.index
            } else {
                asking.append((index, call))
            }
        }
        var last = start
        for (index, call) in asking.sorted(by: { ($0.call.weight, $0.index) < ($1.call.weight, $1.index) }) {
            guard fits(call.weight, user, policy, after: start) else {
                looking.append((index, call))
                continue
            }
            let isFirst = !rows.contains { $0.call.user == user && $0.mode == .enforced && $0.at >= start }
            last = isFirst ? start : last.advanced(by: .microseconds(1))
            rows.append(Row(call: call, at: last, mode: .enforced))
            let states = windows(of: user, policy, after: start)
            decisions[index] = .admitted(
                Admission(callID: call.id, admittedAt: last, mode: .enforced, policy: policy, windows: states))
        }
        for (index, call) in looking { decisions[index] = turnAway(call, policy, since: start, at: last) }
        for (index, first) in again { decisions[index] = decisions[first]?.again }
    }

    private func start(of user: UserID, clock: Timestamp) -> Timestamp {
        rows.filter { $0.call.user == user && $0.mode == .enforced }.map { $0.at.advanced(by: .microseconds(1)) }
            .reduce(clock, max)
    }

    private func turnAway(_ call: Call, _ policy: Policy, since start: Timestamp, at last: Timestamp) -> Decision {
        let states = windows(of: call.user, policy, after: start)
        let weight = max(1, call.weight)
        if policy.windows.contains(where: { $0.limit < weight }) {
            return .neverFits(NeverFits(decidedAt: last, weight: call.weight, policy: policy, windows: states))
        }
        if fits(weight, call.user, policy, after: start) {
            return .admitted(
                Admission(callID: call.id, admittedAt: last, mode: .enforced, policy: policy, windows: states))
        }
        let retryAt = firstMoment(for: weight, call.user, policy, since: start, later: last)
        return .refused(Refusal(decidedAt: last, retryAt: retryAt ?? last, policy: policy, windows: states))
    }

    /// The first moment later than `last` at which the weight fits: only leaving rows make a difference.
    private func firstMoment(
        for weight: Int64, _ user: UserID, _ policy: Policy, since start: Timestamp, later last: Timestamp
    ) -> Timestamp? {
        let leaving = rows.filter { $0.call.user == user }.flatMap { row in
            policy.windows.map { row.at.advanced(by: $0.length) }
        }
        return ([last.advanced(by: .microseconds(1))] + leaving.filter { $0 > last }).sorted()
            .first { fits(weight, user, policy, after: $0) }
    }

    private func fits(_ weight: Int64, _ user: UserID, _ policy: Policy, after start: Timestamp) -> Bool {
        windows(of: user, policy, after: start).allSatisfy { $0.used + weight <= $0.window.limit }
    }

    /// Without an end, also rows that a replica stamped in the future.
    private func windows(
        of user: UserID, _ policy: Policy, after start: Timestamp,
        through end: Timestamp = Timestamp(microseconds: .max)
    ) -> [WindowState] {
        policy.windows.map { window in
            let inside = rows.filter {
                $0.call.user == user && $0.at > start.advanced(by: .zero - window.length) && $0.at <= end
            }
            return WindowState(
                window: window, used: inside.reduce(0) { $0 + $1.call.weight },
                resetAt: inside.map(\.at).min()?.advanced(by: window.length))
        }
    }

    private func replay(_ row: Row, _ policy: Policy) -> Admission {
        let states = windows(of: row.call.user, policy, after: row.at, through: row.at)
        return Admission(
            callID: row.call.id, admittedAt: row.at, mode: row.mode, policy: policy,
            windows: row.mode == .enforced ? states : [], isReplay: true)
    }
}

extension Decision {
    fileprivate var again: Decision {
        guard case .admitted(let admission) = self else { return self }
        return .admitted(admission.replayed)
    }
}
