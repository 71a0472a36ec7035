import Synchronization

/// Answers a refused user from memory for as long as the refusal cannot change: the first link of the path.
///
/// Exact: it never refuses a call that the database would admit, and the end of the wait is the one that the database named.
/// A call with a supplied id is always passed on, since the ledger may hold the first answer to it.
public final class RefusalCache: Limiter {
    /// How much is kept and for how long.
    public struct Settings: Sendable {
        /// Refusals kept, at least 1; about 300 bytes each. Beyond it the oldest goes.
        public var maximumEntries: Int
        /// The longest that a refusal is kept. It bounds what the two clocks can drift apart.
        public var maximumAge: Duration

        public init(maximumEntries: Int = 100_000, maximumAge: Duration = .seconds(60)) {
            self.maximumEntries = maximumEntries
            self.maximumAge = maximumAge
        }
    }

    /// One lock and one table, for a share of the users.
    private final class Shard: Sendable {
        let table: Mutex<RefusalTable>

        init(_ settings: Settings) {
            let share = max(1, settings.maximumEntries / RefusalCache.shardCount)
            table = Mutex(RefusalTable(maximumEntries: share, maximumAge: settings.maximumAge))
        }
    }

    private static let shardCount = 16
    private let next: any Limiter
    private let metrics: any PathMetrics
    private let now: @Sendable () -> ContinuousClock.Instant
    private let shards: [Shard]

    public convenience init(
        _ next: any Limiter, settings: Settings = Settings(), metrics: any PathMetrics = NoMetrics()
    ) {
        self.init(next, settings: settings, metrics: metrics, now: { .now })
    }

    package init(
        _ next: any Limiter, settings: Settings = Settings(), metrics: any PathMetrics = NoMetrics(),
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.next = next
        self.metrics = metrics
        self.now = now
        shards = (0..<Self.shardCount).map { _ in Shard(settings) }
    }

    public nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision {
        let shard = shards[
            Int(truncatingIfNeeded: (call.user.bits.low ^ call.user.bits.high) % UInt64(Self.shardCount))]
        let askedAt = now()
        if let refusal = shard.table.withLock({ $0.refusal(of: call, under: policy, at: askedAt) }) {
            metrics.decided(.refusedFromCache, under: policy, after: .zero)
            return .refused(refusal)
        }
        let decision = try await next.admit(call, under: policy)
        if case .refused(let refusal) = decision {
            let answeredAt = now()
            shard.table.withLock { $0.note(refusal, of: call, askedAt: askedAt, at: answeredAt) }
        }
        return decision
    }

    public func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        try await next.peek(user, weight: weight, under: policy)
    }

    /// Refusals kept now.
    package var count: Int { shards.reduce(0) { $0 + $1.table.withLock { $0.count } } }
}
