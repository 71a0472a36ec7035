/// How patient a migrator is.
public struct MigratorSettings: Hashable, Sendable {
    /// How long one attempt at a step may wait for a lock that somebody holds; a millisecond or more. Admissions that need
    /// the same lock queue behind it for as long, so it should be shorter than their deadline.
    public var lockTimeout: Duration
    /// How long to wait for another migrator, and how long to try each step again when it did not get its locks.
    public var patience: Duration

    public init(lockTimeout: Duration = .milliseconds(50), patience: Duration = .seconds(300)) {
        self.lockTimeout = lockTimeout
        self.patience = patience
    }
}

extension Duration {
    /// Whole milliseconds, at least one, for a timeout of the server, where zero means none.
    var serverMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000), Int64(Int32.max))
    }
}
