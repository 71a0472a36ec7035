/// Decides whether the database is worth asking: a pure state machine.
///
/// Only failures of the database count (``StoreError/isOutage``), and slowness: never a refusal, a busy user, or bad input.
/// While it is not closed nobody but one probe at a time asks the database.
///
/// **Pauses** double from ``BreakerSettings/firstPause`` on, but none is longer than a twentieth of the outage so far: a short
/// outage is followed by a quick return, and a long one does not cost a probe every moment.
///
/// **Probation.** A probe cannot see everything that fails: a full disk, a function that was dropped. So a breaker that closes
/// remembers its outage until ``BreakerSettings/trial`` answers were good, or until it stayed closed for as long as the outage
/// had lasted. A failure before that is the same outage still, and opens it at once for a longer pause.
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

    private struct Outage {
        /// When it was first opened, however often it closed on probation since.
        let since: Instant
        /// The latest, before jitter.
        var pause: Duration
        var cause: StoreError
    }

    private struct Probation {
        let outage: Outage
        let end: Instant
        var answersLeft: Int
    }

    private enum State {
        /// → open when enough has failed; on probation, when anything has.
        case closed
        /// → half open when a probe starts, at `until` or later.
        case open(Outage, until: Instant)
        /// → closed when the probe succeeds, → open when it fails.
        case halfOpen(Outage)
    }

    /// No pause is longer than the outage so far divided by this, but for the first pause.
    private static let outagePerPause = 20

    public let settings: BreakerSettings
    /// A breaker that is forced starts no probe and learns nothing; back in automatic it goes on where it was.
    public var mode: Mode = .automatic
    private var state: State = .closed
    private var probation: Probation?
    private var lastClosing: Instant?
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
        case (.automatic, .open(let outage, _)), (.automatic, .halfOpen(let outage)): outage.cause
        }
    }

    /// When the next probe is due; `nil` when none is.
    public var nextProbe: Instant? {
        guard mode == .automatic, case .open(_, let until) = state else { return nil }
        return until
    }

    /// When asking again may help, from `now`; `nil` when the database is asked anyway or an operator forced the breaker open.
    public func retryAfter(at now: Instant) -> Duration? {
        guard mode == .automatic else { return nil }
        switch state {
        case .closed: return nil
        case .open(_, let until): return max(.zero, now.duration(to: until))
        case .halfOpen: return settings.firstPause
        }
    }

    /// A question to the database ended.
    ///
    /// What was asked before the breaker last closed tells of the outage that is over, and what ends while it is not closed tells
    /// nothing new: neither counts.
    ///
    /// - Parameter askedAt: when the question went out.
    public mutating func ended(
        _ outcome: Outcome, askedAt: Instant, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition? {
        guard mode == .automatic, case .closed = state, lastClosing.map({ askedAt >= $0 }) ?? true else { return nil }
        if let end = probation?.end, now >= end { probation = nil }
        switch outcome {
        case .failed(let error):
            guard error.isOutage else { return nil }
            consecutiveFailures += 1
            sample.add(isBad: true)
            guard probation != nil || isEnough else { return nil }
            return open(cause: error, at: now, using: &generator)
        case .answered(let duration):
            consecutiveFailures = 0
            let isSlow = duration >= settings.slowAnswer
            sample.add(isBad: isSlow)
            if !isSlow { passTrial() }
            guard isEnough else { return nil }
            let cause = StoreError(.deadlineExceeded, "the database answers too slowly")
            return open(cause: cause, at: now, using: &generator)
        }
    }

    /// Starts the probe that is due.
    ///
    /// - Returns: `nil` if none is due at `now`: then none may be sent.
    public mutating func probeStarted(at now: Instant) -> Transition? {
        guard mode == .automatic, case .open(let outage, let until) = state, now >= until else { return nil }
        state = .halfOpen(outage)
        return Transition(from: .open, to: .halfOpen, cause: nil, pause: nil)
    }

    /// The probe ended: a database that answers, if only that somebody is busy, is worth asking.
    ///
    /// A probe that was under way when an operator forced the breaker ends as any other.
    public mutating func probeEnded(
        _ error: StoreError?, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition? {
        guard case .halfOpen(let outage) = state else { return nil }
        if let error, error.isOutage || error.kind == .closed {
            return reopen(outage, cause: error, at: now, using: &generator)
        }
        state = .closed
        lastClosing = now
        let end = now.advanced(by: outage.since.duration(to: now))
        probation = settings.trial > 0 ? Probation(outage: outage, end: end, answersLeft: settings.trial) : nil
        consecutiveFailures = 0
        sample = BreakerSample(size: settings.sampleSize)
        return Transition(from: .halfOpen, to: .closed, cause: nil, pause: nil)
    }

    private var isEnough: Bool {
        consecutiveFailures >= settings.consecutiveFailures
            || sample.count >= settings.minimumSample && sample.badShare >= settings.badShare && sample.isLastBad
    }

    private mutating func passTrial() {
        probation?.answersLeft -= 1
        if probation?.answersLeft == 0 { probation = nil }
    }

    private mutating func open(
        cause: StoreError, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition {
        if let outage = probation?.outage { return reopen(outage, cause: cause, at: now, using: &generator) }
        let pause = min(settings.firstPause, settings.longestPause)
        return open(Outage(since: now, pause: pause, cause: cause), at: now, using: &generator)
    }

    private mutating func reopen(
        _ outage: Outage, cause: StoreError, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition {
        let share = outage.since.duration(to: now) / Self.outagePerPause
        let pause = min(outage.pause * 2, max(settings.firstPause, share), settings.longestPause)
        return open(Outage(since: outage.since, pause: pause, cause: cause), at: now, using: &generator)
    }

    /// Stays open for at least half of the pause and at most all of it, so that replicas do not probe in step.
    private mutating func open(
        _ outage: Outage, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Transition {
        let jittered = outage.pause * Double.random(in: 0.5...1, using: &generator)
        let transition = Transition(from: phase, to: .open, cause: outage.cause, pause: jittered)
        state = .open(outage, until: now.advanced(by: jittered))
        probation = nil
        return transition
    }
}
