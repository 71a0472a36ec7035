import Postgres
import SluiceCore

/// A `sluice.decision`: the answer to one call of a batch.
struct DecisionRow {
    /// What SQL calls the answer.
    enum Outcome: String {
        case admitted, replayed, refused, busy, undecided
        case neverFits = "never_fits"
    }

    /// The call's place in the batch, from 0.
    let position: Int
    /// `nil` for a word that is not known here: the schema is newer.
    let outcome: Outcome?
    let decidedAt: Timestamp?
    let retryAt: Timestamp?
    let used: [Int64]?
    let resetAt: [Timestamp?]?

    /// The columns that ``init(_:)`` reads, of a decision called `d`.
    static let columns = #"d."position", d.outcome, d.decided_at, d.retry_at, d.used, d.reset_at"#

    init(_ row: PostgresRow) throws(PostgresError) {
        position = Int(try row.decode(Int32.self, at: 0)) - 1
        outcome = Outcome(rawValue: try row.decode(String.self, at: 1))
        decidedAt = try row.decode(at: 2)
        retryAt = try row.decode(at: 3)
        used = try row.decode(at: 4)
        resetAt = try row.decode(at: 5)
    }

    /// The answer in the words of the core; `nil` for a call that was not decided, or an answer that lacks a part.
    func decision(on call: Call, under policy: Policy) -> Decision? {
        guard let decidedAt else { return nil }
        return outcome?.decision(
            on: call, under: policy, decidedAt: decidedAt, retryAt: retryAt, isCounted: used != nil,
            windows: states(policy))
    }

    /// Every window of the policy; none where nothing is known.
    func states(_ policy: Policy) -> [WindowState] {
        guard let used, used.count == policy.windows.count else { return [] }
        return policy.windows.indices.map { index in
            let reset = resetAt.flatMap { index < $0.count ? $0[index] : nil }
            return WindowState(window: policy.windows[index], used: used[index], resetAt: reset)
        }
    }
}

extension DecisionRow.Outcome {
    /// The answer in the words of the core; `nil` for a call that was not decided, or a refusal without an end.
    ///
    /// - Parameter isCounted: false of a call that the ledger holds, but that was let through unchecked.
    func decision(
        on call: Call, under policy: Policy, decidedAt: Timestamp, retryAt: Timestamp?, isCounted: Bool,
        windows: @autoclosure () -> [WindowState]
    ) -> Decision? {
        switch self {
        case .busy, .undecided:
            return nil
        case .admitted, .replayed:
            return .admitted(
                Admission(
                    callID: call.id, admittedAt: decidedAt, mode: isCounted ? .enforced : .unchecked, policy: policy,
                    windows: windows(), isReplay: self == .replayed))
        case .refused:
            guard let retryAt else { return nil }
            return .refused(Refusal(decidedAt: decidedAt, retryAt: retryAt, policy: policy, windows: windows()))
        case .neverFits:
            return .neverFits(
                NeverFits(decidedAt: decidedAt, weight: call.weight, policy: policy, windows: windows()))
        }
    }
}
