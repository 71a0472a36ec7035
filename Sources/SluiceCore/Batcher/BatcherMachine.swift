/// Gathers calls into batches: a pure state machine.
///
/// Calls that wait form a lane per user. A batch takes the lanes that are ready in the order in which they became so, each as far
/// as it goes, until it is full. So a user's calls keep their order, users take turns, and a user whose calls are in a batch is
/// overtaken by others but never in two batches at once. A batch is of one policy; policies take turns as well. Nobody's lock is
/// waited for at first; a user who turns out to be busy goes in a batch of his own, which waits, or while others wait already is
/// tried some times more along with others. A call that the ledger may never take is tried again alone, so that it fails no other.
struct BatcherMachine<Token: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A lock that was held three times is held for longer than a transaction; before, waiting for it in line would only hold up
    /// others: a replay that locks some hundred users for some milliseconds would hold up thousands of calls. A few users whom
    /// several replicas decide about all the time wait at once, for each attempt in vain costs the database a part of a batch.
    static var promptAttempts: Int { 3 }

    /// The lanes whose first call is under one policy.
    private struct Group: Sendable {
        let policy: Policy
        var ready = Fifo<Int>()
    }

    private let maximumBatch: Int
    private var slots: BatchSlots
    /// Slots of their own for batches that wait for a lock: however many users are stuck, the others go on.
    private var idleWaitingSlots: Int
    /// Users who were busy when they were tried, and whose calls wait.
    private var busy = Fifo<Int>()
    private var lanes = LaneTable<Entry>()
    private var groups: [Group] = []
    /// An empty queue of a group, kept for its memory.
    private var spare = Fifo<Int>()
    private var nextID = 0
    /// What is in flight by then has no lanes to go back to.
    private var isClosed = false
    /// Every call until it was answered, in the order of arrival and so of deadlines.
    private var timers = Fifo<Entry>()
    /// Batches in flight that are not overdue.
    private var flights: [Int: Batch] = [:]
    /// Calls that wait, including those whose callers were answered already.
    private(set) var waiting = 0
    /// Those of them whose lanes stand in the queue of a policy.
    private var ready = 0
    /// Users with calls that wait or are in flight.
    var laneCount: Int { lanes.count }

    /// - Parameters:
    ///   - maximumBatch: calls in one batch.
    ///   - concurrency: batches under way at once, and as many again that wait for locks.
    ///   - patience: how long a batch is under way before it seems to hang, and others go beside it.
    init(maximumBatch: Int, concurrency: Int, patience: Duration) {
        self.maximumBatch = max(1, maximumBatch)
        slots = BatchSlots(limit: max(1, concurrency), maximumBatch: self.maximumBatch, patience: patience)
        idleWaitingSlots = max(1, concurrency)
    }

    /// A call arrived. Calls arrive in the order of their deadlines.
    mutating func arrived(_ entry: Entry) {
        timers.append(entry)
        waiting += 1
        let lane = lanes.find(entry.user)
        lanes[lane].entries.append(entry)
        if lanes[lane].place == .ready { ready += 1 }
        makeReady(lane)
    }

    /// Takes a slot and a batch for it; `nil` when no slot is open or no lane is ready. Asked again until `nil` after each event, and
    /// by ``nextLook(after:)``.
    mutating func nextBatch(at now: Instant) -> Batch? {
        // Once more, because what hid behind an expired call of a busy user may be ready now.
        nextPromptBatch(at: now) ?? nextWaitingBatch(at: now) ?? nextPromptBatch(at: now)
    }

    private mutating func nextPromptBatch(at now: Instant) -> Batch? {
        while !groups.isEmpty, slots.areOpen(for: ready, under: groups.count, at: now) {
            var group = groups.removeFirst()
            var batch = Batch(id: nextID, policy: group.policy, sentAt: now, waitsForLock: false, deadline: now)
            batch.reserve(min(maximumBatch, waiting))
            while batch.entries.count < maximumBatch, let lane = group.ready.popFirst() {
                fill(&batch, from: lane, at: now)
            }
            if group.ready.isEmpty { spare = group.ready } else { groups.append(group) }
            guard !batch.entries.isEmpty else { continue }
            slots.take(batch.id, of: batch.entries.count, at: now)
            send(batch)
            return batch
        }
        return nil
    }

    private mutating func nextWaitingBatch(at now: Instant) -> Batch? {
        guard idleWaitingSlots > 0 else { return nil }
        while let lane = busy.popFirst() {
            guard let first = lanes[lane].entries.first else {
                lanes.remove(lane)
                continue
            }
            var batch = Batch(id: nextID, policy: first.policy, sentAt: now, waitsForLock: true, deadline: now)
            fill(&batch, from: lane, at: now)
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
        if batch.waitsForLock { idleWaitingSlots += 1 } else { slots.free(batch.id) }
        flights[batch.id] = nil
        guard !isClosed else { return }
        for entry in again.reversed() {
            guard let lane = lanes.number(of: entry.user) else { continue }
            lanes[lane].entries.prepend(entry)
            waiting += 1
        }
        for lane in batch.lanes {
            lanes[lane].isInFlight = false
            makeReady(lane)
        }
    }

    /// Takes out of a lane the calls that get the same answer as a refused one: of its weight, under its policy, and with an
    /// id that the ledger cannot hold yet.
    mutating func takeAlike(_ refused: Entry) -> [Token] {
        guard let lane = lanes.number(of: refused.user), !lanes[lane].entries.isEmpty else { return [] }
        let taken = lanes[lane].entries.remove {
            !$0.call.isIDSupplied && $0.policy == refused.policy
                && max(1, $0.call.weight) == max(1, refused.call.weight)
        }
        waiting -= taken.count
        return taken.map(\.token)
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

    /// Forgets the calls that were answered before any other, so that nothing of them is kept until their deadline.
    mutating func forgetAnswered(_ isAnswered: (Token) -> Bool) {
        while let first = timers.first, isAnswered(first.token) { _ = timers.popFirst() }
    }

    /// By when to call ``expire(at:isAnswered:)`` and ``nextBatch(at:)``, though nothing happened; `nil` when no call is there.
    func nextLook(after now: Instant) -> Instant? {
        guard let deadline = timers.first?.deadline else { return nil }
        return slots.nextLook(after: now).map { min($0, deadline) } ?? deadline
    }

    /// When each of the batches was sent that did not come back in time, each told once.
    mutating func overdue(at now: Instant) -> [Instant] {
        let late = flights.filter { $0.value.deadline <= now }
        late.keys.forEach { flights[$0] = nil }
        return late.values.map(\.sentAt)
    }

    /// Whether nothing can be sent, since every batch under way is overdue: a store that ignores its deadlines.
    var isStuck: Bool { slots.areTaken && flights.values.allSatisfy(\.waitsForLock) }

    /// Whether the batch is in flight and was not told to be overdue.
    func isTimely(_ batch: Batch) -> Bool { flights[batch.id] != nil }

    /// Forgets everything that waits and everything in flight.
    ///
    /// - Returns: all calls that may not have been answered.
    mutating func close() -> [Token] {
        let tokens = timers.map(\.token)
        timers = Fifo()
        lanes = LaneTable()
        isClosed = true
        groups = []
        busy = Fifo()
        waiting = 0
        ready = 0
        return tokens
    }

    private mutating func fill(_ batch: inout Batch, from lane: Int, at now: Instant) {
        leaveQueue(lane)
        while batch.entries.count < maximumBatch, let first = lanes[lane].entries.first {
            let isExpired = first.deadline <= now
            guard isExpired || batch.takes(first) else { break }
            lanes[lane].entries.popFirst()
            waiting -= 1
            guard !isExpired else { continue }
            batch.entries.append(first)
            batch.deadline = max(batch.deadline, first.deadline)
            lanes[lane].isInFlight = true
        }
        if lanes[lane].isInFlight { batch.lanes.append(lane) }
        // What expired may have hidden a call under another policy.
        makeReady(lane)
    }

    /// Lets a lane that has calls and none in flight take its turn; removes one that has neither.
    private mutating func makeReady(_ lane: Int) {
        guard !lanes[lane].isInFlight, lanes[lane].place == .nowhere else { return }
        guard let first = lanes[lane].entries.first else { return lanes.remove(lane) }
        let mayWait = first.attempts > 0 && busy.count < idleWaitingSlots
        guard first.goesPromptly, !mayWait else {
            lanes[lane].place = .busy
            return busy.append(lane)
        }
        lanes[lane].place = .ready
        ready += lanes[lane].entries.count
        let index = groups.firstIndex { $0.policy == first.policy } ?? addGroup(first.policy)
        groups[index].ready.append(lane)
    }

    private mutating func leaveQueue(_ lane: Int) {
        if lanes[lane].place == .ready { ready -= lanes[lane].entries.count }
        lanes[lane].place = .nowhere
    }

    private mutating func addGroup(_ policy: Policy) -> Int {
        groups.append(Group(policy: policy, ready: spare))
        spare = Fifo()
        return groups.count - 1
    }

    /// While nothing takes batches, lanes that expired would pile up. They became ready about in the order of their deadlines.
    private mutating func dropEmptyLanes() {
        for index in groups.indices {
            while let lane = groups[index].ready.first, lanes[lane].entries.isEmpty {
                _ = groups[index].ready.popFirst()
                lanes.remove(lane)
            }
        }
        groups.removeAll { $0.ready.isEmpty }
        while let lane = busy.first, lanes[lane].entries.isEmpty {
            _ = busy.popFirst()
            lanes.remove(lane)
        }
    }

    /// A lane is in the order of deadlines, so what expired is at its head.
    private mutating func dropExpired(of user: UserID, at now: Instant) {
        guard let lane = lanes.number(of: user) else { return }
        while let first = lanes[lane].entries.first, first.deadline <= now {
            lanes[lane].entries.popFirst()
            waiting -= 1
            if lanes[lane].place == .ready { ready -= 1 }
        }
    }
}
