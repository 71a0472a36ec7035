/// What the path tells whoever counts. Called on the path itself: implementations are quick and do not block.
public protocol PathMetrics: Sendable {
    /// A call was answered. `duration` is from its arrival; zero for an answer from the cache.
    func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration)
    /// A batch of `calls` goes to the store while `waiting` calls stay in the queue.
    func batchSent(calls: Int, waiting: Int)
    /// A batch was answered, or failed as a whole with `error`.
    func batchAnswered(calls: Int, after duration: Duration, error: StoreError?)
    /// So many calls of a batch failed with errors of one kind, of which `error` is the first: with the whole batch or alone, to be
    /// tried again or not.
    func storeFailed(_ error: StoreError, calls: Int)
    /// A call was let through without the ledger's word, or was to be.
    func recorded(_ outcome: RecordOutcome)
    /// The breaker went from one phase to another: worth one log line.
    func breakerChanged(_ transition: Breaker.Transition)
    /// An operator forced the breaker, or let it go: worth one log line.
    func breakerForced(_ mode: Breaker.Mode)
}

extension PathMetrics {
    public func decided(_ outcome: PathOutcome, under policy: Policy, after duration: Duration) {}
    public func batchSent(calls: Int, waiting: Int) {}
    public func batchAnswered(calls: Int, after duration: Duration, error: StoreError?) {}
    public func storeFailed(_ error: StoreError, calls: Int) {}
    public func recorded(_ outcome: RecordOutcome) {}
    public func breakerChanged(_ transition: Breaker.Transition) {}
    public func breakerForced(_ mode: Breaker.Mode) {}
}

/// Nobody counts.
public struct NoMetrics: PathMetrics {
    public init() {}
}

/// How a call was answered.
public enum PathOutcome: String, Hashable, Sendable, CaseIterable {
    /// Counted and let through.
    case admitted
    /// The first answer again: its call id was in the ledger.
    case replayed
    /// Refused by the store.
    case refused
    /// Refused without asking the store, which would have said the same.
    case refusedFromCache = "refused_from_cache"
    /// Too heavy for the policy.
    case neverFits = "never_fits"
    /// Let through in an outage.
    case unchecked
    /// Refused in an outage by the replica's own window.
    case refusedLocally = "refused_locally"
    /// Turned away: the database could not decide and the policy is closed.
    case unavailable
    /// Its caller went away.
    case cancelled

    init(_ decision: Decision) {
        switch decision {
        case .admitted(let admission) where admission.mode == .unchecked && !admission.isReplay: self = .unchecked
        case .admitted(let admission): self = admission.isReplay ? .replayed : .admitted
        case .refused(let refusal): self = refusal.isLocal ? .refusedLocally : .refused
        case .neverFits: self = .neverFits
        }
    }
}
