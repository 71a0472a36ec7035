import HummingbirdSluice
import SluiceCore

/// What `sluice admit` and `sluice peek` print: the words of the HTTP API, for a person or as JSON.
struct DecisionReport: Encodable, Equatable {
    var outcome: String
    var user: String
    var callID: String?
    /// RFC 3339, by the database's clock.
    var at: String
    var policy: String
    /// Milliseconds, rounded up; absent when waiting does not matter or does not help.
    var retryAfterMilliseconds: Int64?
    var windows: [WindowReport]

    struct WindowReport: Encodable, Equatable {
        let name: String
        let limit: Int64
        let lengthMilliseconds: Int64
        let used: Int64
        let remaining: Int64
        let resetAfterMilliseconds: Int64?

        enum CodingKeys: String, CodingKey {
            case name, limit, used, remaining
            case lengthMilliseconds = "length_ms"
            case resetAfterMilliseconds = "reset_after_ms"
        }

        init(_ state: WindowState, at time: Timestamp) {
            name = state.window.name
            limit = state.window.limit
            lengthMilliseconds = state.window.length.millisecondsRoundedUp
            used = state.used
            remaining = state.remaining
            resetAfterMilliseconds = state.resetAt.map { max(0, time.duration(to: $0).millisecondsRoundedUp) }
        }
    }

    enum CodingKeys: String, CodingKey {
        case outcome, user, at, policy, windows
        case callID = "call_id"
        case retryAfterMilliseconds = "retry_after_ms"
    }
}

extension DecisionReport {
    init(_ decision: Decision, user: UserID) {
        switch decision {
        case .admitted(let admission):
            self.init(
                outcome: admission.isReplay ? "replayed" : "admitted", user: user, callID: admission.callID,
                at: admission.admittedAt, policy: admission.policy, windows: admission.windows)
        case .refused(let refusal):
            self.init(
                outcome: "refused", user: user, at: refusal.decidedAt, policy: refusal.policy,
                retryAfter: refusal.retryAfter, windows: refusal.windows)
        case .neverFits(let never):
            self.init(
                outcome: "never_fits", user: user, at: never.decidedAt, policy: never.policy, windows: never.windows)
        }
    }

    init(_ peek: Peek) {
        let wait = peek.admissibleAt.map { peek.at.duration(to: $0) }
        let outcome = wait.map { $0 > .zero ? "would_be_refused" : "would_be_admitted" } ?? "never_fits"
        self.init(
            outcome: outcome, user: peek.user, at: peek.at, policy: peek.policy,
            retryAfter: wait.flatMap { $0 > .zero ? $0 : nil }, windows: peek.windows)
    }

    private init(
        outcome: String, user: UserID, callID: CallID? = nil, at time: Timestamp, policy: Policy,
        retryAfter: Duration? = nil, windows: [WindowState]
    ) {
        self.init(
            outcome: outcome, user: user.description, callID: callID?.description, at: time.rfc3339,
            policy: policy.name, retryAfterMilliseconds: retryAfter?.millisecondsRoundedUp,
            windows: windows.map { WindowReport($0, at: time) })
    }

    /// For people.
    var text: String {
        let call = callID.map { "  call \($0)" } ?? ""
        let wait = retryAfterMilliseconds.map { "  retry in \(DurationText.text(milliseconds: $0))" } ?? ""
        let table = TextTable(
            header: ["window", "limit", "used", "remaining", "length", "next leaves in"],
            rows: windows.map { window in
                [
                    window.name, "\(window.limit)", "\(window.used)", "\(window.remaining)",
                    DurationText.text(milliseconds: window.lengthMilliseconds),
                    window.resetAfterMilliseconds.map { DurationText.text(milliseconds: $0) } ?? "-",
                ]
            })
        return "\(outcome)\(call)  at \(at)\(wait)\n\(table.text)"
    }
}
