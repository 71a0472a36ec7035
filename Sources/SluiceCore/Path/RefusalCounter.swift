import Synchronization

/// Counts who is refused, and writes the counts down now and then: a refused call leaves no other trace.
///
/// The outermost link of the path, so that refusals from the cache count too. Counts are for people, not for decisions: after an
/// answer of the ledger that was lost some may be written down twice, and in a process that is killed the last seconds are lost.
public final class RefusalCounter: Limiter {
    /// How much is kept and how often it is written down.
    public struct Settings: Sendable {
        /// Counts kept: one per user, policy and minute; about 100 bytes each.
        public var maximumEntries: Int
        /// How often they are written down.
        public var interval: Duration
        /// What writing some of them down may take.
        public var timeout: Duration

        public init(
            maximumEntries: Int = 20_000, interval: Duration = .seconds(10), timeout: Duration = .seconds(2)
        ) {
            self.maximumEntries = maximumEntries
            self.interval = interval
            self.timeout = timeout
        }
    }

    /// Counts that the ledger takes at once.
    static let maximumBatch = 1_000

    private let next: any Limiter
    private let ledger: any RefusalLedger
    private let replica: String?
    private let settings: Settings
    private let tally: Mutex<RefusalTally>
    private let runs = Stripes { RefusalRun() }

    /// - Parameter replica: who refused, for the ledger.
    public init(
        _ next: any Limiter, ledger: any RefusalLedger, replica: String? = nil, settings: Settings = Settings()
    ) {
        self.next = next
        self.ledger = ledger
        self.replica = replica
        self.settings = settings
        tally = Mutex(RefusalTally(maximumEntries: settings.maximumEntries))
    }

    /// Refusals that were not counted, since the ledger did not take the counts for too long.
    public var dropped: Int64 {
        gather()
        return tally.withLock { $0.dropped }
    }

    public nonisolated(nonsending) func admit(
        _ call: Call, under policy: Policy
    ) async throws(LimiterError) -> Decision {
        let decision = try await next.admit(call, under: policy)
        if case .refused(let refusal) = decision { count(refusal, of: call.user, under: policy) }
        return decision
    }

    public func refuse(_ user: UserID, weight: Int64, under policy: Policy) -> Refusal? {
        guard let refusal = next.refuse(user, weight: weight, under: policy) else { return nil }
        count(refusal, of: user, under: policy)
        return refusal
    }

    public func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
        try await next.peek(user, weight: weight, under: policy)
    }

    /// Writes counts down now and then, until the task is cancelled. See ``flush()`` for the rest.
    ///
    /// - Parameter isWanted: whether the ledger is there to be asked.
    public func run(while isWanted: @escaping @Sendable () -> Bool) async {
        while (try? await Task.sleep(for: settings.interval * Double.random(in: 0.9...1.1))) != nil {
            if isWanted() { await flush() }
        }
    }

    /// Writes down what is counted. What the ledger does not take stays, to be written down the next time.
    public func flush() async {
        gather()
        var rest = tally.withLock { $0.take() }[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.maximumBatch))
            let deadline = ContinuousClock.now.advanced(by: settings.timeout)
            let answer = await punctual(by: deadline) { [ledger, replica] () async throws(StoreError) in
                try await ledger.record(batch, replica: replica, deadline: deadline)
            }
            // What the ledger never takes must not come again for ever.
            if case .failure(let error) = answer, error.kind != .rejected { break }
            rest = rest.dropFirst(batch.count)
        }
        tally.withLock { [rest] in $0.giveBack(rest) }
    }

    private func count(_ refusal: Refusal, of user: UserID, under policy: Policy) {
        runs.own.add(RefusalTally.Key(user: user, policyID: policy.id, time: refusal.decidedAt), to: tally)
    }

    /// Puts what the tasks have counted by themselves into the table.
    private func gather() {
        for run in runs.all { run.end(in: tally) }
    }
}
