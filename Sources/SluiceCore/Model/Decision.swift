/// The answer to a call.
public indirect enum Decision: Hashable, Sendable {
    /// The call may go on; its row is in the ledger.
    case admitted(Admission)
    /// There is no room now; there will be at ``Refusal/retryAt``.
    case refused(Refusal)
    /// The call is heavier than a window's whole limit: waiting does not help.
    case neverFits(NeverFits)
}

/// How an admission came about, as the ledger's column `mode` says it.
public enum AdmissionMode: String, Hashable, Sendable, CaseIterable {
    /// Counted against the window before it was let through.
    case enforced
    /// Let through without the database's word.
    case unchecked
}

/// What a window looks like to one user at one moment.
public struct WindowState: Hashable, Sendable {
    public let window: Window
    /// Weight in the window, `≥ 0`; more than the limit after it was lowered or after unchecked calls.
    public let used: Int64
    /// When the oldest weight leaves the window, that is, when there is room for more; `nil` for an empty window.
    public let resetAt: Timestamp?

    public init(window: Window, used: Int64, resetAt: Timestamp?) {
        self.window = window
        self.used = used
        self.resetAt = resetAt
    }

    /// Weight that still fits, `≥ 0`.
    public var remaining: Int64 { max(0, window.limit - used) }
}

/// A call that was let through.
public struct Admission: Hashable, Sendable {
    public let callID: CallID
    /// By the database's clock; by the replica's when ``mode`` is unchecked.
    public let admittedAt: Timestamp
    public let mode: AdmissionMode
    public let policy: Policy
    /// Every window of the policy right after this call was counted, in the policy's order; empty when unchecked.
    public let windows: [WindowState]
    /// The ledger already held this call id: this is the first answer again, and nothing was consumed.
    public let isReplay: Bool

    public init(
        callID: CallID, admittedAt: Timestamp, mode: AdmissionMode, policy: Policy, windows: [WindowState],
        isReplay: Bool = false
    ) {
        self.callID = callID
        self.admittedAt = admittedAt
        self.mode = mode
        self.policy = policy
        self.windows = windows
        self.isReplay = isReplay
    }
}

/// A call that found no room.
public struct Refusal: Hashable, Sendable {
    /// By the database's clock.
    public let decidedAt: Timestamp
    /// When every window has room for this call again if nobody else calls: a promise. Later than ``decidedAt``.
    public let retryAt: Timestamp
    public let policy: Policy
    /// Every window of the policy at ``decidedAt``, in the policy's order.
    public let windows: [WindowState]
    /// Decided in an outage by a window local to this replica: times are by the replica's clock, and the promise holds
    /// only while the outage lasts.
    public let isLocal: Bool
    /// The answer to an earlier call alike, so ``decidedAt`` may be before this call was asked about.
    package let isShared: Bool

    public init(
        decidedAt: Timestamp, retryAt: Timestamp, policy: Policy, windows: [WindowState], isLocal: Bool = false
    ) {
        self.init(
            decidedAt: decidedAt, retryAt: retryAt, policy: policy, windows: windows, isLocal: isLocal, isShared: false)
    }

    private init(
        decidedAt: Timestamp, retryAt: Timestamp, policy: Policy, windows: [WindowState], isLocal: Bool, isShared: Bool
    ) {
        self.decidedAt = decidedAt
        self.retryAt = retryAt
        self.policy = policy
        self.windows = windows
        self.isLocal = isLocal
        self.isShared = isShared
    }

    public var retryAfter: Duration { decidedAt.duration(to: retryAt) }

    /// The same for other calls alike.
    package var shared: Refusal {
        Refusal(
            decidedAt: decidedAt, retryAt: retryAt, policy: policy, windows: windows, isLocal: isLocal, isShared: true)
    }
}

/// A call heavier than at least one window allows at all.
public struct NeverFits: Hashable, Sendable {
    public let decidedAt: Timestamp
    public let weight: Int64
    public let policy: Policy
    /// Every window of the policy at ``decidedAt``, in the policy's order.
    public let windows: [WindowState]

    public init(decidedAt: Timestamp, weight: Int64, policy: Policy, windows: [WindowState]) {
        self.decidedAt = decidedAt
        self.weight = weight
        self.policy = policy
        self.windows = windows
    }
}
