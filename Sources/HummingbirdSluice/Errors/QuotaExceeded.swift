public import SluiceCore

/// Which windows had no room for a call, for the answer to it.
public struct QuotaExceeded: Hashable, Sendable {
    public let policy: Policy
    public let windows: [WindowState]
    /// By the database's clock.
    public let decidedAt: Timestamp
    /// What the call asked for; a call of weight 0 asks whether one of weight 1 would fit.
    public let weight: Int64
    /// The call is heavier than a window's whole limit: waiting does not help.
    public let neverFits: Bool

    /// - Parameter weight: of the call that was refused.
    public init(_ refusal: Refusal, weight: Int64) {
        policy = refusal.policy
        windows = refusal.windows
        decidedAt = refusal.decidedAt
        self.weight = max(1, weight)
        neverFits = false
    }

    public init(_ decision: NeverFits) {
        policy = decision.policy
        windows = decision.windows
        decidedAt = decision.decidedAt
        weight = max(1, decision.weight)
        neverFits = true
    }

    /// The windows that stand in the way, in the policy's order.
    public var violated: [WindowState] {
        windows.filter { (neverFits ? $0.window.limit : $0.remaining) < weight }
    }

    /// The window to show: of those in the way, the one that a client runs into first.
    var shown: WindowState? { violated.binding ?? windows.binding }

    func detail(retryAfter: Duration?) -> String {
        guard let window = shown else { return "policy \(policy.name) has no room" }
        let name = window.window.name
        if neverFits {
            return "a call of weight \(weight) never fits window \(name), whose whole limit is \(window.window.limit): "
                + "make it lighter or raise the limit"
        }
        let wait = retryAfter.map { ": call again in \(max(1, $0.secondsRoundedUp)) s" } ?? ""
        return "window \(name) has \(window.remaining) of \(window.window.limit) left, "
            + "too little for a call of weight \(weight)\(wait)"
    }
}
