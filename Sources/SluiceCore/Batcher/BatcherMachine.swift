/// Gathers calls into batches: a pure state machine.
///
/// Calls that wait form a lane per user. A batch takes the lanes that are ready in the order in which they became so, each as far
/// as it goes, until it is full. So a user's calls keep their order, users take turns, and a user whose calls are in a batch is
/// overtaken by others but never in two batches at once. A batch is of one policy; policies take turns as well. Nobody's lock is
/// waited for at first; a user who turns out to be busy is tried again along with others, since most locks are short, and then in
/// a batch of his own, which waits. A call that the ledger may never take is tried again alone, so that it fails no other.
struct BatcherMachine<Token: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A call that waits.
    struct Entry: Sendable {
        let call: Call
        let policy: Policy
        let deadline: Instant
        /// Times that it was tried and its user was busy.
        var attempts = 0
        /// Whether it goes in a batch of its own.
        var isAlone = false
        /// Whether it was tried again for want of a partition.
        var missedPartition = false
        let token: Token

        /// Whether it goes along with others, in a batch that waits for no lock.
        var goesPromptly: Bool { attempts < BatcherMachine.promptAttempts && !isAlone }
    }

    /// A lock that was held three times is held for longer than a transaction; before, waiting for it would only take up one of
    /// few slots: a replay that locks some hundred users for some milliseconds would hold up thousands of calls.
    static var promptAttempts: Int { 3 }

    /// Calls on their way to the store.
    struct Batch: Sendable {
        let id: Int
        let policy: Policy
        let sentAt: Instant
        /// Whether to wait for the user's lock: only of a single user who was busy before, so that nobody else waits along.
        let waitsForLock: Bool
        fileprivate(set) var entries: [Entry] = []
        /// The latest of its calls': an earlier one would cut the others short, and their callers are answered without it.
        fileprivate(set) var deadline: Instant
    }

    private struct Lane: Sendable {
        var entries = Fifo<Entry>()
        var isInFlight = false
        var isReady = false
    }

    /// The lanes whose first call is under one policy.
    private struct Group: Sendable {
        let policy: Policy
        var ready = Fifo<UserID>()
    }

    private let maximumBatch: Int
    private var idleSlots: Int
    /// Slots of their own for batches that wait for a lock: however many users are stuck, the others go on.
    private var idleWaitingSlots: Int
    /// Users who were busy when they were tried, and whose calls wait.
    private var busy = Fifo<UserID>()
    private var lanes: [UserID: Lane] = [:]
    private var groups: [Group] = []
    private var nextID = 0
    /// Every call until it was answered, in the order of arrival and so of deadlines.
    private var timers = Fifo<(deadline: Instant, user: UserID, token: Token)>()
    /// Batches in flight that are not overdue.
    private var flights: [Int: Batch] = [:]
    /// Calls that wait, including those whose callers were answered already.
    private(set) var waiting = 0
    /// Users with calls that wait or are in flight.
    var laneCount: Int { lanes.count }

    init(maximumBatch: Int, concurrency: Int) {
        self.maximumBatch = max(1, maximumBatch)
        idleSlots = max(1, concurrency)
        idleWaitingSlots = max(1, concurrency)
    }

    /// A call arrived. Calls arrive in the order of their deadlines.
    mutating func arrived(_ entry: Entry) {
        timers.append((entry.deadline, entry.call.user, entry.token))
        waiting += 1
        lanes[entry.call.user, default: Lane()].entries.append(entry)
        makeReady(entry.call.user)
    }

    /// Takes a slot and a batch for it; `nil` when all slots are taken or no lane is ready. Asked again until `nil` after each event.
    mutating func nextBatch(at now: Instant) -> Batch? {
        // Once more, because what hid behind an expired call of a busy user may be ready now.
        nextPromptBatch(at: now) ?? nextWaitingBatch(at: now) ?? nextPromptBatch(at: now)
    }

    private mutating func nextPromptBatch(at now: Instant) -> Batch? {
        guard idleSlots > 0 else { return nil }
        while !groups.isEmpty {
            var group = groups.removeFirst()
            var batch = Batch(id: nextID, policy: group.policy, sentAt: now, waitsForLock: false, deadline: now)
            while batch.entries.count < maximumBatch, let user = group.ready.popFirst() {
                fill(&batch, from: user, at: now)
            }
            if !group.ready.isEmpty { groups.append(group) }
            guard !batch.entries.isEmpty else { continue }
            idleSlots -= 1
            send(batch)
            return batch
        }
        return nil
    }

    private mutating func nextWaitingBatch(at now: Instant) -> Batch? {
        guard idleWaitingSlots > 0 else { return nil }
        while let user = busy.popFirst() {
            guard let first = lanes[user]?.entries.first else {
                lanes[user] = nil
                continue
            }
            var batch = Batch(id: nextID, policy: first.policy, sentAt: now, waitsForLock: true, deadline: now)
            fill(&batch, from: user, at: now)
            guard !batch.entries.isEmpty else { continue }
            idleWaitingSlots -= 1
            send(batch)
            return batch
        }
        return nil
    }

    private mutating func send(_ batch: Batch) {
        nextID += 1
        flights[batch.id] = batch
    }

    /// A batch came back: its users' lanes go on, with `again` at their heads.
    ///
    /// - Parameter again: entries of the batch that another batch shall decide.
    mutating func finished(_ batch: Batch, again: [Entry] = []) {
        if batch.waitsForLock { idleWaitingSlots += 1 } else { idleSlots += 1 }
        flights[batch.id] = nil
        for entry in again.reversed() where lanes[entry.call.user] != nil {
            lanes[entry.call.user]?.entries.prepend(entry)
            waiting += 1
        }
        for entry in batch.entries where lanes[entry.call.user]?.isInFlight == true {
            lanes[entry.call.user]?.isInFlight = false
            makeReady(entry.call.user)
        }
    }

    /// Takes out of a lane the calls that get the same answer as a refused one: of its weight, under its policy, and with an
    /// id that the ledger cannot hold yet.
    mutating func takeAlike(_ refused: Entry) -> [Token] {
        guard let lane = lanes[refused.call.user], !lane.entries.isEmpty else { return [] }
        var (taken, kept) = ([Token](), Fifo<Entry>())
        for entry in lane.entries {
            let isAlike =
                !entry.call.isIDSupplied && entry.policy == refused.policy
                && max(1, entry.call.weight) == max(1, refused.call.weight)
            if isAlike { taken.append(entry.token) } else { kept.append(entry) }
        }
        guard !taken.isEmpty else { return [] }
        waiting -= taken.count
        lanes[refused.call.user]?.entries = kept
        return taken
    }

    /// Forgets calls that were answered or whose time is over.
    ///
    /// - Returns: those whose time is over.
    mutating func expire(at now: Instant, isAnswered: (Token) -> Bool) -> [Token] {
        var expired: [Token] = []
        while let first = timers.first, first.deadline <= now || isAnswered(first.token) {
            _ = timers.popFirst()
            guard first.deadline <= now else { continue }
            expired.append(first.token)
            dropExpired(of: first.user, at: now)
        }
        if !expired.isEmpty { dropEmptyLanes() }
        return expired
    }

    /// When ``expire(at:isAnswered:)`` is due; `nil` when no call is there.
    var nextDeadline: Instant? { timers.first?.deadline }

    /// When each of the batches was sent that did not come back in time, each told once.
    mutating func overdue(at now: Instant) -> [Instant] {
        let late = flights.filter { $0.value.deadline <= now }
        late.keys.forEach { flights[$0] = nil }
        return late.values.map(\.sentAt)
    }

    /// Whether nothing can be sent, since every batch under way is overdue: a store that ignores its deadlines.
    var isStuck: Bool { idleSlots == 0 && flights.values.allSatisfy(\.waitsForLock) }

    /// Whether the batch is in flight and was not told to be overdue.
    func isTimely(_ batch: Batch) -> Bool { flights[batch.id] != nil }

    /// Forgets everything that waits and everything in flight.
    ///
    /// - Returns: all calls that may not have been answered.
    mutating func close() -> [Token] {
        let tokens = timers.map(\.token)
        timers = Fifo()
        lanes = [:]
        groups = []
        busy = Fifo()
        waiting = 0
        return tokens
    }

    private mutating func fill(_ batch: inout Batch, from user: UserID, at now: Instant) {
        guard var lane = lanes.removeValue(forKey: user) else { return }
        lane.isReady = false
        while batch.entries.count < maximumBatch, let first = lane.entries.first {
            let isExpired = first.deadline <= now
            guard isExpired || batch.takes(first) else { break }
            _ = lane.entries.popFirst()
            waiting -= 1
            guard !isExpired else { continue }
            batch.entries.append(first)
            batch.deadline = max(batch.deadline, first.deadline)
            lane.isInFlight = true
        }
        guard lane.isInFlight || !lane.entries.isEmpty else { return }
        lanes[user] = lane
        // What expired may have hidden a call under another policy.
        makeReady(user)
    }

    /// Lets a lane that has calls and none in flight take its turn; removes one that has neither.
    private mutating func makeReady(_ user: UserID) {
        guard let lane = lanes[user], !lane.isInFlight, !lane.isReady else { return }
        guard let first = lane.entries.first else {
            lanes[user] = nil
            return
        }
        lanes[user]?.isReady = true
        guard first.goesPromptly else { return busy.append(user) }
        if let index = groups.firstIndex(where: { $0.policy == first.policy }) {
            groups[index].ready.append(user)
        } else {
            var group = Group(policy: first.policy)
            group.ready.append(user)
            groups.append(group)
        }
    }

    /// While nothing takes batches, lanes that expired would pile up. They became ready about in the order of their deadlines.
    private mutating func dropEmptyLanes() {
        for index in groups.indices {
            while let user = groups[index].ready.first, lanes[user]?.entries.isEmpty != false {
                _ = groups[index].ready.popFirst()
                lanes[user] = nil
            }
        }
        groups.removeAll { $0.ready.isEmpty }
        while let user = busy.first, lanes[user]?.entries.isEmpty != false {
            _ = busy.popFirst()
            lanes[user] = nil
        }
    }

    /// A lane is in the order of deadlines, so what expired is at its head.
    private mutating func dropExpired(of user: UserID, at now: Instant) {
        while let first = lanes[user]?.entries.first, first.deadline <= now {
            _ = lanes[user]?.entries.popFirst()
            waiting -= 1
        }
    }
}
