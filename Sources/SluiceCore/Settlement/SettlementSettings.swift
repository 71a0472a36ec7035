/// How settlements are gathered and how long they may take.
public struct SettlementSettings: Hashable, Sendable {
    /// Settlements in one batch, `1 … 1,000`.
    public var maximumBatch: Int
    /// Batches under way at once, at least 1: the connections that settling takes at most.
    public var concurrency: Int
    /// How long a batch waits for others to join it. Nobody waits for a settlement as for an admission, and a transaction for each
    /// would take from the admissions' share of the disk.
    public var linger: Duration
    /// What one settlement may take from its arrival until it goes to the journal instead.
    public var timeout: Duration

    public init(
        maximumBatch: Int = 256, concurrency: Int = 2, linger: Duration = .milliseconds(25),
        timeout: Duration = .seconds(2)
    ) {
        self.maximumBatch = maximumBatch
        self.concurrency = concurrency
        self.linger = linger
        self.timeout = timeout
    }
}
