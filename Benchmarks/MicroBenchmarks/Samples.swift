import SluiceCore

/// Values that the benchmarks share. Times are around 2026-11-23T12:34:56.123456Z.
enum Sample {
    static let now = Timestamp(microseconds: 1_795_437_296_123_456)
    static let userText = "0b6f2d1c-8a3e-4f5b-9c7d-1e2f3a4b5c6d"

    /// Users of their own, in no order.
    static func user(_ number: Int) -> UserID {
        let mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        return UserID(bits: UUIDBits(high: mixed & ~0xF000 | 0x4000, low: 0x8000_0000_0000_0000 | mixed >> 2))
    }

    /// As the library makes them: of one window, and closed in an outage, so that no call goes through unchecked here.
    static func policy() throws -> Policy {
        try .standard(limit: 20, length: .seconds(3_600), onOutage: .closed)
    }

    /// Calls of as many users.
    static func calls(_ count: Int) throws -> [Call] {
        var generator = SystemRandomNumberGenerator()
        return try (0..<count).map {
            try Call(
                user: user($0), id: .version7(at: now, using: &generator), route: "/v1/chat/completions",
                model: "gpt-4o-mini")
        }
    }

    static func windows(_ policy: Policy, used: Int64) -> [WindowState] {
        policy.windows.map { WindowState(window: $0, used: used, resetAt: now.advanced(by: $0.length)) }
    }
}

/// What every call gets, with nothing to count.
struct Verdict: Sendable {
    let isAdmitted: Bool
    private let policy: Policy
    private let windows: [WindowState]

    init(isAdmitted: Bool, under policy: Policy) {
        self.isAdmitted = isAdmitted
        self.policy = policy
        windows = Sample.windows(policy, used: isAdmitted ? 1 : policy.windows[0].limit)
    }

    func decision(on call: Call) -> Decision {
        if isAdmitted {
            return .admitted(
                Admission(
                    callID: call.id, admittedAt: Sample.now, mode: .enforced, policy: policy, windows: windows))
        }
        return .refused(
            Refusal(
                decidedAt: Sample.now, retryAt: Sample.now.advanced(by: .seconds(3_600)), policy: policy,
                windows: windows))
    }

    func peek(_ user: UserID) -> Peek {
        Peek(user: user, at: Sample.now, policy: policy, windows: windows, admissibleAt: Sample.now)
    }
}

/// Stands where the database does, and answers at once, or later.
struct InstantStore: AdmissionStore {
    let verdict: Verdict
    var delay = Duration.zero

    func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        if delay > .zero { try? await Task.sleep(for: delay) }
        return calls.map { .success(verdict.decision(on: $0)) }
    }

    func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek {
        verdict.peek(user)
    }

    func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {}
}

/// Stands where the whole path does.
struct InstantLimiter: Limiter {
    let verdict: Verdict

    func admit(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
        verdict.decision(on: call)
    }

    func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        verdict.peek(user)
    }
}
