/// How calls are gathered and how long they may take.
public struct BatcherSettings: Hashable, Sendable {
    /// Calls in one batch, at least 1.
    public var maximumBatch: Int
    /// Batches under way at once, at least 1, and as many again that wait for users who are busy: the store needs twice as
    /// many connections. More than one only when many calls wait, when calls come one by one, or when the one under way hangs.
    public var concurrency: Int
    /// What one call may take from its arrival to its answer, whatever the store does.
    public var timeout: Duration

    public init(maximumBatch: Int = 256, concurrency: Int = 2, timeout: Duration = .milliseconds(150)) {
        self.maximumBatch = maximumBatch
        self.concurrency = concurrency
        self.timeout = timeout
    }

    /// How long a batch is under way before others go beside it, as it may hang; far longer than one takes, and short enough that
    /// those who wait behind it are still in time.
    var patience: Duration { min(.milliseconds(20), timeout / 4) }
}
