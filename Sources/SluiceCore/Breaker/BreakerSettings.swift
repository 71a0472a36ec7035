/// When the breaker opens and for how long.
public struct BreakerSettings: Hashable, Sendable {
    /// Failures in a row that open it.
    public var consecutiveFailures: Int
    /// Share of the last ``sampleSize`` questions, `0 … 1`, that opens it when they failed or were slow.
    public var badShare: Double
    /// Questions looked back over for ``badShare``.
    public var sampleSize: Int
    /// Fewer questions than this say nothing about ``badShare``.
    public var minimumSample: Int
    /// An answer that takes this long counts as bad.
    public var slowAnswer: Duration
    /// The first pause before a probe; each failed probe doubles it, up to a twentieth of the outage so far.
    public var firstPause: Duration
    /// No pause is longer.
    public var longestPause: Duration
    /// Good answers after which an outage is forgotten; until then one failure opens the breaker again. 0 forgets it at once.
    public var trial: Int

    public init(
        consecutiveFailures: Int = 3, badShare: Double = 0.5, sampleSize: Int = 20, minimumSample: Int = 10,
        slowAnswer: Duration = .milliseconds(100), firstPause: Duration = .milliseconds(250),
        longestPause: Duration = .seconds(15), trial: Int = 20
    ) {
        self.consecutiveFailures = consecutiveFailures
        self.badShare = badShare
        self.sampleSize = sampleSize
        self.minimumSample = minimumSample
        self.slowAnswer = slowAnswer
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.trial = trial
    }
}
