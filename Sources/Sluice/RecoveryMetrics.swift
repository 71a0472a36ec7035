import SluiceCore

/// Passes everything on, and wakes the recovery when the database may be asked again.
struct RecoveryMetrics: PathMetrics {
    let base: any PathMetrics
    let recovery: OutageRecovery

    func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration) {
        base.decided(outcome, under: policy, after: duration)
    }

    func batchSent(calls: Int, waiting: Int) {
        base.batchSent(calls: calls, waiting: waiting)
    }

    func batchAnswered(calls: Int, after duration: Duration, error: StoreError?) {
        base.batchAnswered(calls: calls, after: duration, error: error)
    }

    func storeFailed(_ error: StoreError, calls: Int) {
        base.storeFailed(error, calls: calls)
    }

    func recorded(_ outcome: RecordOutcome) {
        base.recorded(outcome)
    }

    func breakerChanged(_ transition: Breaker.Transition) {
        base.breakerChanged(transition)
        if transition.to == .closed { recovery.wake() }
    }

    func breakerForced(_ mode: Breaker.Mode) {
        base.breakerForced(mode)
        if mode != .forcedOpen { recovery.wake() }
    }
}
