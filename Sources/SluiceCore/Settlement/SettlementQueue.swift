/// Which settlements wait for the ledger and which go together: a pure state machine.
///
/// While batches are under way, what arrives gathers; the next batch takes all of it, but for users whom another batch holds, so
/// that no batch meets the lock of another from here.
struct SettlementQueue<Token: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A settlement that waits.
    struct Entry: Sendable {
        let settlement: Settlement
        let deadline: Instant
        let token: Token
        /// Times that its user was busy.
        var attempts = 0
    }

    enum Phase {
        /// → draining or closed.
        case open
        /// Takes nothing, but brings what is here. → closed.
        case draining
        case closed
    }

    private(set) var phase = Phase.open
    private let maximumBatch: Int
    private var idleSlots: Int
    private var waiting = Fifo<Entry>()
    /// Users of batches under way.
    private var held: Set<UserID> = []
    /// Entries that were taken and neither answered nor given back.
    private var out = 0
    /// Every settlement until it was answered, in the order of arrival and so of deadlines.
    private var timers = Fifo<(deadline: Instant, token: Token)>()

    init(maximumBatch: Int, concurrency: Int) {
        self.maximumBatch = min(max(1, maximumBatch), 1_000)
        idleSlots = max(1, concurrency)
    }

    var waitingCount: Int { waiting.count }
    /// Whether nothing is left to do and nothing will come.
    var isDone: Bool { phase == .closed || phase == .draining && waiting.isEmpty && out == 0 }
    /// When ``expire(at:isAnswered:)`` is due.
    var nextDeadline: Instant? { timers.first?.deadline }

    /// A settlement arrived. They arrive in the order of their deadlines.
    ///
    /// - Returns: whether it is taken.
    mutating func arrived(_ entry: Entry) -> Bool {
        guard phase == .open else { return false }
        timers.append((entry.deadline, entry.token))
        waiting.append(entry)
        return true
    }

    /// Takes a slot and a batch for it; `nil` when all slots are taken or nothing can go. To be told of its end by
    /// ``returned(_:)``, and of that of each entry by ``ended(_:)`` or ``again(_:)``.
    mutating func nextBatch(isAnswered: (Token) -> Bool) -> [Entry]? {
        guard idleSlots > 0, phase != .closed else { return nil }
        var (batch, skipped) = ([Entry](), [Entry]())
        while batch.count < maximumBatch, let entry = waiting.popFirst() {
            if isAnswered(entry.token) { continue }
            if held.contains(entry.settlement.user) { skipped.append(entry) } else { batch.append(entry) }
        }
        for entry in skipped.reversed() { waiting.prepend(entry) }
        guard !batch.isEmpty else { return nil }
        for entry in batch { held.insert(entry.settlement.user) }
        idleSlots -= 1
        out += batch.count
        return batch
    }

    /// A batch came back.
    mutating func returned(_ batch: [Entry]) {
        idleSlots += 1
        for entry in batch { held.remove(entry.settlement.user) }
    }

    /// So many entries that were out are answered.
    mutating func ended(_ count: Int) {
        out -= count
    }

    /// Entries that were out are to be brought again, behind those that wait.
    mutating func again(_ entries: [Entry]) {
        out -= entries.count
        guard phase != .closed else { return }
        for entry in entries { waiting.append(entry) }
    }

    /// Forgets what was answered or whose time is over.
    ///
    /// - Returns: those whose time is over.
    mutating func expire(at now: Instant, isAnswered: (Token) -> Bool) -> [Token] {
        var expired: [Token] = []
        while let first = timers.first, first.deadline <= now || isAnswered(first.token) {
            _ = timers.popFirst()
            if first.deadline <= now { expired.append(first.token) }
        }
        // So that a ledger that takes nothing does not make the queue grow for ever.
        while let first = waiting.first, first.deadline <= now || isAnswered(first.token) { _ = waiting.popFirst() }
        return expired
    }

    /// Takes nothing more.
    mutating func drain() {
        if phase == .open { phase = .draining }
    }

    /// Forgets everything.
    ///
    /// - Returns: all that may not have been answered.
    mutating func close() -> [Token] {
        phase = .closed
        defer {
            timers = Fifo()
            waiting = Fifo()
        }
        return timers.map(\.token)
    }
}
