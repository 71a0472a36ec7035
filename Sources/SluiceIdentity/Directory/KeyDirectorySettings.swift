/// How long and how much a ``KeyDirectory`` remembers.
public struct KeyDirectorySettings: Hashable, Sendable {
    /// A key that the store confirmed this lately is let in unasked: within this a revocation takes effect everywhere.
    public var freshFor: Duration
    /// How long a key that the store does not know is refused unasked.
    public var absentFor: Duration
    /// How long a caller waits for the store.
    public var deadline: Duration
    /// How long after a failure the store is left alone.
    public var pause: Duration
    /// How long after its last confirmation a known key is let in while the store is away.
    public var outageGrace: Duration
    /// Known keys remembered, about 400 bytes each.
    public var maximumKeys: Int
    /// Unknown keys remembered, about 100 bytes each.
    public var maximumAbsent: Int
    /// Unknown keys that the store is asked about at once; beyond it their callers are turned away unasked.
    public var maximumQuestions: Int
    /// How often last uses are written down.
    public var flushEvery: Duration

    public init(
        freshFor: Duration = .seconds(5), absentFor: Duration = .seconds(2), deadline: Duration = .seconds(1),
        pause: Duration = .seconds(1), outageGrace: Duration = .seconds(3_600), maximumKeys: Int = 100_000,
        maximumAbsent: Int = 10_000, maximumQuestions: Int = 64, flushEvery: Duration = .seconds(30)
    ) {
        self.freshFor = freshFor
        self.absentFor = absentFor
        self.deadline = deadline
        self.pause = pause
        self.outageGrace = outageGrace
        self.maximumKeys = maximumKeys
        self.maximumAbsent = maximumAbsent
        self.maximumQuestions = maximumQuestions
        self.flushEvery = flushEvery
    }
}
