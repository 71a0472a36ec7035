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
        private let table: Mutex<RefusalTable>
        /// Whether there may be one: where nobody is refused, nobody takes the lock.
        private let mayHold = Atomic(false)

        init(_ settings: Settings) {
            let share = max(1, settings.maximumEntries / RefusalCache.shardCount)
            table = Mutex(RefusalTable(maximumEntries: share, maximumAge: settings.maximumAge))
        }

        var count: Int { table.withLock { $0.count } }
        var isEmpty: Bool { !mayHold.load(ordering: .relaxed) }

        func held(
            for user: UserID, weight: Int64, under policy: Policy, at now: ContinuousClock.Instant
        ) -> HeldRefusal? {
            table.withLock { $0.held(for: user, weight: weight, under: policy, at: now) }
        }

        func note(
            _ refusal: Refusal, of call: Call, askedAt: ContinuousClock.Instant, at now: ContinuousClock.Instant
        ) {
            table.withLock { table in
                table.note(refusal, of: call, askedAt: askedAt, at: now)
                mayHold.store(table.count > 0, ordering: .relaxed)
            }
        }
    }

    private static let shardCount = 16
    private let next: any Limiter
    private let metrics: any PathMetrics
    private let now: @Sendable () -> ContinuousClock.Instant
    private let shards: [Shard]
    private let recent = Stripes { RecentRefusal() }

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
        let askedAt: ContinuousClock.Instant
        if call.isIDSupplied {
            askedAt = now()
            // Its answer may be in the ledger. Under another policy it ends what is held, like any other.
            _ = shard(of: call.user).held(for: call.user, weight: call.weight, under: policy, at: askedAt)
        } else {
            if let refusal = refuse(call.user, weight: call.weight, under: policy) { return .refused(refusal) }
            askedAt = now()
        }
        let decision = try await next.admit(call, under: policy)
        if case .refused(let refusal) = decision {
            shard(of: call.user).note(refusal, of: call, askedAt: askedAt, at: now())
        }
        return decision
    }

    public func refuse(_ user: UserID, weight: Int64, under policy: Policy) -> Refusal? {
        let own = recent.own
        if let refusal = own.refusal(of: user, weight: weight, under: policy, at: now) {
            metrics.decided(.refusedFromCache, under: policy, after: .zero)
            return refusal
        }
        let shard = shard(of: user)
        guard !shard.isEmpty else { return nil }
        let now = now()
        guard let held = shard.held(for: user, weight: weight, under: policy, at: now) else { return nil }
        own.note(held, of: user)
        metrics.decided(.refusedFromCache, under: policy, after: .zero)
        return held.refusal(at: now, policy: policy, windows: held.refusal.windows)
    }

    public func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        try await next.peek(user, weight: weight, under: policy)
    }

    private func shard(of user: UserID) -> Shard {
        shards[Int(truncatingIfNeeded: (user.bits.low ^ user.bits.high) % UInt64(Self.shardCount))]
    }

    /// Refusals kept now.
    package var count: Int { shards.reduce(0) { $0 + $1.count } }
}
