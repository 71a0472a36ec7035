extension UserLedger {
    /// What a call of a batch is to the ledger.
    private enum Role {
        /// It asks for its weight.
        case asks
        /// It only looks: its weight is 0.
        case looks
        /// Its supplied id is in the ledger; or it was recorded as unchecked before it came here.
        case replays(LedgerRow)
        /// Its supplied id is that of the call at this earlier place of the batch.
        case repeats(Int)
    }

    /// Decides a batch of this user's calls, and counts those that it admits.
    ///
    /// 1. A supplied id that is in the ledger gets its first answer again. Of several calls with one supplied id the first
    ///    decides, the others get its answer.
    /// 2. The rest are taken lightest first, and in their order where equally heavy, as long as they fit in every window.
    /// 3. Those that found no room, and those that only look, are answered as of the end of the batch.
    ///
    /// - Parameter clock: what the clock says, however it relates to earlier calls.
    /// - Returns: one decision per call, in the order of `calls`.
    package mutating func decide(_ calls: [Call], under policy: Policy, clock: Timestamp) -> [Decision] {
        let start = moment(clock: clock)
        let roles = roles(of: calls, after: start.before(max(policy.longestLength, Self.idMemory)))
        var tally = BatchTally(of: self, under: policy, at: start)
        var admissions: [Int: Admission] = [:]
        for index in Self.order(of: calls, in: roles) {
            // Who comes later is as heavy or heavier: there is no room for him either.
            guard calls[index].weight <= tally.room else { break }
            admissions[index] = tally.count(append(calls[index], at: tally.next, longest: policy.longestLength))
        }
        var decisions: [Decision] = []
        decisions.reserveCapacity(calls.count)
        for (index, role) in roles.enumerated() {
            switch role {
            case .replays(let row): decisions.append(.admitted(replay(of: row, under: policy)))
            case .repeats(let first): decisions.append(decisions[first].repeated)
            case .asks, .looks:
                decisions.append(admissions[index].map(Decision.admitted) ?? answer(to: calls[index], at: tally))
            }
        }
        return decisions
    }

    /// Looks at the windows and counts nothing.
    ///
    /// - Parameter weight: anything below 1 asks as 1.
    package func peek(of user: UserID, weight: Int64, under policy: Policy, clock: Timestamp) -> Peek {
        let tally = BatchTally(of: self, under: policy, at: moment(clock: clock))
        let weight = max(1, weight)
        let admissibleAt: Timestamp? =
            policy.everFits(weight) ? tally.retryAt(weight: weight, in: self) ?? tally.start : nil
        return Peek(user: user, at: tally.start, policy: policy, windows: tally.states, admissibleAt: admissibleAt)
    }

    private func roles(of calls: [Call], after start: Timestamp) -> [Role] {
        var firsts: [CallID: Int] = [:]
        return calls.enumerated().map { index, call in
            if call.isIDSupplied, let row = row(of: call.id, after: start) { return .replays(row) }
            if let row = uncheckedRow(of: call.id) { return .replays(row) }
            guard call.weight > 0 else { return .looks }
            guard call.isIDSupplied else { return .asks }
            if let first = firsts[call.id] { return .repeats(first) }
            firsts[call.id] = index
            return .asks
        }
    }

    private static func order(of calls: [Call], in roles: [Role]) -> [Int] {
        let asking = roles.indices.filter { if case .asks = roles[$0] { true } else { false } }
        guard asking.count > 1 else { return asking }
        return asking.sorted { (calls[$0].weight, $0) < (calls[$1].weight, $1) }
    }

    /// The answer to a call that was not counted.
    private func answer(to call: Call, at tally: BatchTally) -> Decision {
        let weight = max(1, call.weight)
        guard tally.policy.everFits(weight) else {
            return .neverFits(
                NeverFits(
                    decidedAt: tally.decidedAt, weight: call.weight, policy: tally.policy, windows: tally.states))
        }
        guard let retryAt = tally.retryAt(weight: weight, in: self) else {
            return .admitted(
                Admission(
                    callID: call.id, admittedAt: tally.decidedAt, mode: .enforced, policy: tally.policy,
                    windows: tally.states))
        }
        return .refused(
            Refusal(decidedAt: tally.decidedAt, retryAt: retryAt, policy: tally.policy, windows: tally.states))
    }

    /// The first answer to the call of `row`: its windows are those of its own time.
    private func replay(of row: LedgerRow, under policy: Policy) -> Admission {
        let windows = policy.windows.map { window in
            load(after: row.admittedAt.before(window.length), through: row.admittedAt).state(of: window)
        }
        return Admission(
            callID: row.callID, admittedAt: row.admittedAt, mode: row.mode, policy: policy,
            windows: row.mode == .enforced ? windows : [], isReplay: true)
    }
}

extension Decision {
    /// The answer to another call with the same supplied id.
    fileprivate var repeated: Decision {
        guard case .admitted(let first) = self else { return self }
        return .admitted(
            Admission(
                callID: first.callID, admittedAt: first.admittedAt, mode: first.mode, policy: first.policy,
                windows: first.windows, isReplay: true))
    }
}
