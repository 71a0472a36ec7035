import SluiceCore

/// How much is brought to the ledger at once and how long to leave it alone in between.
struct ReplayPace {
    /// Of the time that a batch took, this much is paused after it, for every share of the database's time.
    private let pauseFactor: Double
    private let maximumBatch: Int
    private(set) var batch: Int
    private var nextBackoff = Self.firstBackoff

    /// A batch holds its users' locks, so it is kept short; but not so small that a distant server is asked for ever.
    static let longBatch: Duration = .milliseconds(30)
    static let shortBatch: Duration = .milliseconds(15)
    static let smallestBatch = 50
    static let firstBackoff: Duration = .milliseconds(250)
    static let longestBackoff: Duration = .seconds(5)

    /// - Parameter share: of the time that replay may keep the database busy; 1: no pauses.
    init(share: Double, batch: Int) {
        pauseFactor = 1 / share - 1
        maximumBatch = batch
        self.batch = min(batch, Self.smallestBatch)
    }

    /// The ledger answered.
    mutating func succeeded(after duration: Duration) -> Duration {
        if duration > Self.longBatch {
            batch = min(batch, max(Self.smallestBatch, batch * 3 / 4))
        } else if duration < Self.shortBatch {
            batch = min(maximumBatch, batch * 2)
        }
        nextBackoff = Self.firstBackoff
        return duration * pauseFactor
    }

    /// The ledger could not take a batch, or holds busy users.
    mutating func failed(
        _ kind: StoreError.Kind?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if kind == .deadlineExceeded { batch = max(1, batch / 2) }
        defer { nextBackoff = min(Self.longestBackoff, nextBackoff * 2) }
        return nextBackoff * Double.random(in: 0.5...1, using: &generator)
    }
}
