import Synchronization

/// A store in memory: for tests, and for a replica that must decide alone. It passes the contract suite of every store.
///
/// Memory is bounded by the admissions of the longest window and of ``Settings/idMemory``, and by ``Settings/maximumRows``.
public final class MemoryStore: AdmissionStore {
    /// How much is remembered.
    public struct Settings: Sendable {
        /// How long a supplied call id is recognised; at least the longest window, whatever is set.
        public var idMemory: Duration
        /// About 100 bytes each. Beyond it the store forgets whole users, and lets them begin again.
        public var maximumRows: Int

        public init(idMemory: Duration = .seconds(86_400), maximumRows: Int = .max) {
            self.idMemory = idMemory
            self.maximumRows = maximumRows
        }
    }

    private let clock: @Sendable () -> Timestamp
    private let ledger: Mutex<MemoryLedger>

    /// - Parameter clock: stands in for the database's clock. It may jump: a user's time never runs backwards for that.
    public init(settings: Settings = Settings(), clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
        ledger = Mutex(MemoryLedger(idMemory: settings.idMemory, maximumRows: settings.maximumRows))
    }

    public func admit(
        _ calls: [Call], under policy: Policy, waitingForLocks: Bool, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [Result<Decision, StoreError>] {
        decide(calls, under: policy).map { .success($0) }
    }

    public func peek(
        _ user: UserID, weight: Int64, under policy: Policy, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> Peek {
        let now = clock()
        return ledger.withLock { $0.peek(of: user, weight: weight, under: policy, clock: now) }
    }

    public func probe(deadline: ContinuousClock.Instant) async throws(StoreError) {}

    /// Decides at once, without an `await`.
    public func decide(_ calls: [Call], under policy: Policy) -> [Decision] {
        ledger.withLock { $0.admit(calls, under: policy, clock: clock()) }
    }

    /// Counts a call that another store admitted, at this store's own time.
    public func note(_ call: Call, under policy: Policy) {
        ledger.withLock { $0.note(call, under: policy, clock: clock()) }
    }

    /// Takes in a call that was let through at `time` without being counted.
    public func insertUnchecked(_ call: Call, at time: Timestamp) {
        ledger.withLock { $0.insertUnchecked(call, at: time) }
    }

    package func rows(of user: UserID) -> [LedgerRow] {
        ledger.withLock { $0.rows(of: user) }
    }
}
