/// The slots for batches that wait for no lock: what is under way in them, and whether one more is worth it.
///
/// One batch under way carries what gathers meanwhile; two would carry half each, and each costs the database the same beside its
/// calls. So a further one goes only when there is enough for it, when calls come so rarely that nothing gathers anyway, or when
/// what is under way seems to hang: on a connection that died, for example.
struct BatchSlots: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Calls that a further batch is worth sending for. It costs the database about as much as 18 calls beside those that it holds,
    /// a third of it then; were more waited for, the database would at times wait for the next batch.
    static var worthwhileCalls: Int { 32 }
    /// The same in policies, since a batch is of one: their calls do not gather in one batch, however long it is waited for.
    static var worthwhilePolicies: Int { 4 }

    private let limit: Int
    private let worthwhileCalls: Int
    private let patience: Duration
    private var underWay: [(batch: Int, sentAt: Instant)] = []
    /// Batches of one call that were sent since a larger one.
    private var single = 0

    /// - Parameters:
    ///   - limit: batches under way at once.
    ///   - maximumBatch: calls in one batch; more than that gain nothing by waiting.
    ///   - patience: how long a batch is under way before it seems to hang.
    init(limit: Int, maximumBatch: Int, patience: Duration) {
        self.limit = limit
        self.patience = patience
        worthwhileCalls = min(Self.worthwhileCalls, maximumBatch)
    }

    var areTaken: Bool { underWay.count >= limit }

    /// Whether a batch may go, when so many calls are ready under so many policies.
    func areOpen(for calls: Int, under policies: Int, at now: Instant) -> Bool {
        guard !areTaken else { return false }
        return calls >= worthwhileCalls || policies >= Self.worthwhilePolicies || single > 1
            || underWay.allSatisfy { $0.sentAt + patience <= now }
    }

    mutating func take(_ batch: Int, of calls: Int, at now: Instant) {
        underWay.append((batch, now))
        single = calls == 1 ? single + 1 : 0
    }

    mutating func free(_ batch: Int) {
        underWay.removeAll { $0.batch == batch }
    }

    /// By when to ask anew whether they are open, though nothing happened; `nil` if there is no use.
    ///
    /// What is sent from now on will not seem to hang sooner.
    func nextLook(after now: Instant) -> Instant? {
        guard limit > 1 else { return nil }
        let hangsAt = underWay.lazy.map { $0.sentAt + patience }.filter { $0 > now }.min()
        return hangsAt ?? now + patience
    }
}
