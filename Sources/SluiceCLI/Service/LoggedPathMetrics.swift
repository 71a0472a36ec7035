import Logging
import SluiceCore
import SluiceServer

/// The path's metrics, and the lines that an operator wants to see: one for each change of the breaker, few for failures.
struct LoggedPathMetrics: PathMetrics {
    let metrics: AdmissionMetrics
    let log: OutageLog

    func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration) {
        metrics.decided(outcome, under: policy, after: duration)
    }

    func batchSent(calls: Int, waiting: Int) {
        metrics.batchSent(calls: calls, waiting: waiting)
    }

    func batchAnswered(calls: Int, after duration: Duration, error: StoreError?) {
        metrics.batchAnswered(calls: calls, after: duration, error: error)
    }

    func storeFailed(_ error: StoreError, calls: Int) {
        metrics.storeFailed(error, calls: calls)
        log.note { $0.storeFailed(error, calls: calls) }
    }

    func breakerChanged(_ transition: Breaker.Transition) {
        metrics.breakerChanged(transition)
        // Probing is a part of every outage, again and again.
        guard transition.to != .halfOpen, transition.from != .halfOpen || transition.to == .closed else { return }
        var metadata: Logger.Metadata = ["from": "\(transition.from.rawValue)", "to": "\(transition.to.rawValue)"]
        if let cause = transition.cause { metadata["cause"] = "\(cause)" }
        if let pause = transition.pause { metadata["pause"] = "\(pause)" }
        log.logger.log(
            level: transition.to == .closed ? .notice : .warning, "the breaker of the database changed",
            metadata: metadata)
    }

    func breakerForced(_ mode: Breaker.Mode) {
        metrics.breakerForced(mode)
        log.logger.log(
            level: mode == .automatic ? .notice : .warning, "an operator set the breaker of the database",
            metadata: ["mode": "\(mode.rawValue)"])
    }
}
