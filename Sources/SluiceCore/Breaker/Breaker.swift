/// Decides whether the database is worth asking: a pure state machine.
///
/// Only failures of the database count (``StoreError/isOutage``), and slowness: never a refusal, a busy user, or bad input.
/// While it is not closed nobody but one probe at a time asks the database.
public struct Breaker: Sendable {
    public typealias Instant = ContinuousClock.Instant

    /// Whether the machine or an operator decides.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        case automatic
        /// The database is not asked, nor probed.
        case forcedOpen = "forced_open"
        /// The database is asked whatever happens.
        case forcedClosed = "forced_closed"
    }

    /// How one question to the database went.
    public enum Outcome: Hashable, Sendable {
        case answered(after: Duration)
        case failed(StoreError)
    }

    public enum Phase: String, Hashable, Sendable, CaseIterable {
        /// The database is asked.
        case closed
        /// It is not, for a pause.
        case open
        /// The pause is over and one probe is under way.
        case halfOpen = "half_open"
    }

    /// A change of phase.
    public struct Transition: Hashable, Sendable {
        public let from: Phase
        public let to: Phase
        /// What opened it; `nil` where nothing failed.
        public let cause: StoreError?
        /// How long it stays open before the next probe.
        public let pause: Duration?
    }

    private enum State {
        /// → open when enough has failed.
        case closed
        /// → half open when a probe starts, at `until` or later.
        case open(until: Instant, pause: Duration, cause: StoreError)
        /// → closed when the probe succeeds, → open with twice the pause when it fails.
        case halfOpen(pause: Duration, cause: StoreError)
    }

    public let settings: BreakerSettings
    /// Answers of a breaker that is forced say so, and it makes no transitions; back in automatic it goes on where it was.
    public var mode: Mode = .automatic
    private var state: State = .closed
    private var consecutiveFailures = 0
    private var sample: BreakerSample

    public init(settings: BreakerSettings = BreakerSettings()) {
        self.settings = settings
        sample = BreakerSample(size: settings.sampleSize)
    }

    public var phase: Phase {
        switch state {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// Why the database must not be asked now; `nil` when it may be.
    public var refusal: StoreError? {
        switch (mode, state) {
        case (.forcedClosed, _), (.automatic, .closed): nil
        case (.forcedOpen, _): StoreError(.unavailable, "the breaker is forced open")
        case (.automatic, .open(_, _, let cause)), (.automatic, .halfOpen(_, let cause)): cause
        }
    }

    /// When the next probe is due; `nil` when none is.
    public var nextProbe: Instant? {
        guard mode == .automatic, case .open(let until, _, _) = state else { return nil }
        return until
    }

    /// When asking again may help, from `now`; `nil` when the database is asked anyway or an operator forced the breaker open.
    public func retryAfter(at now: Instant) -> Duration? {
        guard mode == .automatic else { return nil }
        switch state {
        case .closed: return nil
        case .open(let until, _, _): return max(.zero, now.duration(to: until))
        case .halfOpen: return settings.firstPause
        }
    }

    /// A question to the database ended.
    ///
    /// One that was sent before the breaker opened may end after it: that says nothing new.
    public mutating func ended(
        _ outcome: Outcome, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition? {
        guard mode == .automatic, case .closed = state else { return nil }
        var cause = StoreError(.deadlineExceeded, "the database answers too slowly")
        switch outcome {
        case .failed(let error):
            guard error.isOutage else { return nil }
            cause = error
            consecutiveFailures += 1
            sample.add(isBad: true)
        case .answered(let duration):
            consecutiveFailures = 0
            sample.add(isBad: duration >= settings.slowAnswer)
        }
        let isRatioReached =
            sample.count >= settings.minimumSample && sample.badShare >= settings.badShare && sample.isLastBad
        guard consecutiveFailures >= settings.consecutiveFailures || isRatioReached else { return nil }
        return open(pause: settings.firstPause, cause: cause, at: now, using: &generator)
    }

    /// Starts the probe that is due.
    ///
    /// - Returns: `nil` if none is due at `now`: then none may be sent.
    public mutating func probeStarted(at now: Instant) -> Transition? {
        guard mode == .automatic, case .open(let until, let pause, let cause) = state, now >= until else { return nil }
        state = .halfOpen(pause: pause, cause: cause)
        return Transition(from: .open, to: .halfOpen, cause: nil, pause: nil)
    }

    /// The probe ended: a database that answers, if only that somebody is busy, is worth asking.
    public mutating func probeEnded(
        _ error: StoreError?, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition? {
        guard case .halfOpen(let pause, _) = state else { return nil }
        if let error, error.kind != .contended {
            return open(pause: min(pause * 2, settings.longestPause), cause: error, at: now, using: &generator)
        }
        state = .closed
        consecutiveFailures = 0
        sample = BreakerSample(size: settings.sampleSize)
        return Transition(from: .halfOpen, to: .closed, cause: nil, pause: nil)
    }

    /// Stays open for at least half of `pause` and at most all of it, so that replicas do not probe in step.
    private mutating func open(
        pause: Duration, cause: StoreError, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition {
        let jittered = pause * Double.random(in: 0.5...1, using: &generator)
        let transition = Transition(from: phase, to: .open, cause: cause, pause: jittered)
        state = .open(until: now.advanced(by: jittered), pause: pause, cause: cause)
        return transition
    }
}
