import SluiceCore

/// Values that tests share. Times are around 2026-11-23T12:34:56.123456Z.
enum Sample {
    static let user = "0b6f2d1c-8a3e-4f5b-9c7d-1e2f3a4b5c6d"
    static let callID = "01932d4e-5f60-7abc-8def-0123456789ab"
    static let key = "test-key-0123456789abcdef0123456789abcdef"
    static let now = Timestamp(microseconds: 1_795_437_296_123_456)

    static func policy(limit: Int64 = 20, length: Duration = .seconds(3_600)) throws -> Policy {
        try .standard(limit: limit, length: length)
    }

    /// One of `used` in the first window, the oldest of which leaves `reset` from now.
    static func states(_ policy: Policy, used: Int64, reset: Duration = .seconds(3_600)) -> [WindowState] {
        policy.windows.map { window in
            WindowState(window: window, used: used, resetAt: used == 0 ? nil : now.advanced(by: reset))
        }
    }

    static func admission(
        of call: Call, under policy: Policy, used: Int64 = 1, isReplay: Bool = false
    ) -> Admission {
        Admission(
            callID: call.id, admittedAt: now, mode: .enforced, policy: policy, windows: states(policy, used: used),
            isReplay: isReplay)
    }

    static func unchecked(_ call: Call, under policy: Policy) -> Admission {
        Admission(callID: call.id, admittedAt: now, mode: .unchecked, policy: policy, windows: [])
    }

    static func refusal(under policy: Policy, used: Int64 = 20, wait: Duration) -> Refusal {
        Refusal(
            decidedAt: now, retryAt: now.advanced(by: wait), policy: policy,
            windows: states(policy, used: used, reset: wait))
    }

    static func neverFits(_ call: Call, under policy: Policy) -> NeverFits {
        NeverFits(decidedAt: now, weight: call.weight, policy: policy, windows: states(policy, used: 0))
    }

    static func peek(_ user: UserID, under policy: Policy, used: Int64 = 5, wait: Duration? = .zero) -> Peek {
        Peek(
            user: user, at: now, policy: policy, windows: states(policy, used: used),
            admissibleAt: wait.map { now.advanced(by: $0) })
    }
}
