import Logging
import SluiceCore
import SluiceServer

/// The path's metrics, and one log line for each change of the breaker: an operator wants to know of those.
struct LoggedPathMetrics: PathMetrics {
    let metrics: AdmissionMetrics
    let logger: Logger

    func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration) {
        metrics.decided(outcome, under: policy, after: duration)
    }

    func batchSent(calls: Int, waiting: Int) {
        metrics.batchSent(calls: calls, waiting: waiting)
    }

    func batchAnswered(calls: Int, after duration: Duration, error: StoreError?) {
        metrics.batchAnswered(calls: calls, after: duration, error: error)
    }

    func breakerChanged(_ transition: Breaker.Transition) {
        metrics.breakerChanged(transition)
        // Probing is a part of every outage, again and again.
        guard transition.to != .halfOpen, transition.from != .halfOpen || transition.to == .closed else { return }
        var metadata: Logger.Metadata = ["from": "\(transition.from.rawValue)", "to": "\(transition.to.rawValue)"]
        if let cause = transition.cause { metadata["cause"] = "\(cause)" }
        if let pause = transition.pause { metadata["pause"] = "\(pause)" }
        logger.log(
            level: transition.to == .closed ? .notice : .warning, "the breaker of the database changed",
            metadata: metadata)
    }
}
