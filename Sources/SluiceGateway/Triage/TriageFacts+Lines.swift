import FoundationEssentials
import SluiceCore

extension TriageFacts {
    /// The facts as plain sentences, a line each.
    var lines: [String] { status + (subject?.lines ?? []) }
}

extension TriageFacts.Subject {
    fileprivate var lines: [String] {
        ["Asked about: user \(user)."]
            + (peek?.lines ?? ["The user's windows could not be read."])
            + (history?.lines ?? ["The user's last 24 hours could not be read."])
    }
}

extension Peek {
    fileprivate var lines: [String] {
        let outage =
            switch policy.onOutage {
            case .open: "lets calls through unchecked"
            case .bounded: "decides by a window of the replica alone"
            case .closed: "turns calls away"
            }
        return ["Time of these facts: \(at.shown).", "Policy \"\(policy.name)\"; in an outage it \(outage)."]
            + windows.map(\.line) + [admission]
    }

    private var admission: String {
        switch admissibleAt {
        case nil: "The next call is heavier than a window allows at all: waiting does not help."
        case .some(let time) where time <= at: "The next call would be admitted now."
        case .some(let time): "The next call would be refused until \(time.shown), and admitted then."
        }
    }
}

extension WindowState {
    fileprivate var line: String {
        let reset = resetAt.map { "the oldest leaves the window at \($0.shown)" } ?? "the window is empty"
        return "Window \"\(window.name)\": \(used) of \(window.limit) used in any \(window.length), "
            + "\(remaining) left; \(reset)."
    }
}

extension UserFacts {
    fileprivate var lines: [String] {
        let last = lastUncheckedAt.map { ", the last at \($0.shown)" } ?? ""
        return [
            "In the last 24 hours: \(calls) calls in the ledger, "
                + "\(uncheckedCalls) of them let through unchecked because the database could not decide\(last)."
        ] + (refusals.isEmpty ? ["No refusals in the last 24 hours."] : refusals.map(\.line))
    }
}

extension UserFacts.Refusals {
    fileprivate var line: String { "Refused in the minute of \(minute.shown): \(count)." }
}

extension Timestamp {
    /// To the second, in UTC.
    fileprivate var shown: String {
        Date(timeIntervalSince1970: (Double(microseconds) / 1_000_000).rounded(.down)).formatted(.iso8601)
    }
}
