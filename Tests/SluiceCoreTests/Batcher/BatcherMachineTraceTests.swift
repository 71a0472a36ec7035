import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("BatcherMachine on random traces")
struct BatcherMachineTraceTests {
    @Test(
        "one flight a user, order kept, no slot idle that is open while work is ready, all answered once",
        arguments: 0..<150 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var world = try World(seed: seed, start: .now)
        for _ in 0..<400 { try world.step() }
        try world.drain()
    }
}

/// The machine among callers and batches, and a plain account of what must be true.
private struct World {
    typealias Machine = BatcherMachine<Int>
    static let patience = Duration.milliseconds(20)
    static let maximumBatch = 3

    let users = (0..<5).map { _ in UserID.fresh() }
    let policies: [Policy]
    let timeout = Duration.milliseconds(80)
    var generator: SeededGenerator
    var machine = Machine(maximumBatch: Self.maximumBatch, concurrency: 2, patience: Self.patience)
    var now: ContinuousClock.Instant
    var flying: [Machine.Batch] = []
    /// Batches of one call that were sent since a larger one, those that wait for a lock aside.
    var single = 0
    var waiting: [UserID: [Machine.Entry]] = [:]
    /// Users whose calls go again.
    var busy: Set<UserID> = []
    /// Users with a call that was tried in vain since their last batch: they may wait at once, and need not.
    var tried: Set<UserID> = []
    var answers: [Int: Int] = [:]
    var nextToken = 0

    init(seed: UInt64, start: ContinuousClock.Instant) throws {
        generator = SeededGenerator(seed: seed)
        policies = [try .test((1, .seconds(1))), try .test((2, .seconds(1)))]
        now = start
    }

    mutating func step() throws {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5: try arrive()
        case 5..<8: try comeBack()
        case 8: now += .milliseconds(Int.random(in: 0...30, using: &generator))
        default: expire()
        }
        try send()
    }

    mutating func drain() throws {
        while !flying.isEmpty { try comeBack(); try send() }
        now += timeout
        expire()
        #expect(answers.count == nextToken && answers.values.allSatisfy { $0 == 1 })
        #expect(machine.waiting == 0 && machine.nextLook(after: now) == nil && machine.laneCount == 0)
    }

    private mutating func arrive() throws {
        let user = users.pick(&generator)
        let entry = Machine.Entry(
            call: try .test(user), policy: policies[Int.random(in: 0..<5, using: &generator) == 0 ? 1 : 0],
            deadline: now + timeout, token: nextToken)
        nextToken += 1
        machine.arrived(entry)
        waiting[user, default: []].append(entry)
    }

    private mutating func send() throws {
        while true {
            // Some of those may be no longer in time.
            let ready = waiting.filter { !isInFlight($0.key) }.values.reduce(0) { $0 + $1.count }
            guard let batch = machine.nextBatch(at: now) else { break }
            #expect(flying.count { $0.waitsForLock == batch.waitsForLock } < 2, "slots of each kind")
            #expect(batch.waitsForLock || !isOneAtWork || single > 1 || ready >= Self.maximumBatch, "not worth it")
            if !batch.waitsForLock { single = batch.entries.count == 1 ? single + 1 : 0 }
            #expect(!batch.entries.isEmpty && batch.entries.count <= Self.maximumBatch)
            if batch.waitsForLock {
                #expect(Set(batch.entries.map(\.call.user)).count == 1, "nobody else waits along")
            }
            #expect(batch.entries.count == 1 || batch.entries.allSatisfy { !$0.isAlone }, "alone")
            #expect(batch.entries.allSatisfy { $0.policy == batch.policy && $0.deadline > now })
            for user in Set(batch.entries.map(\.call.user)) {
                #expect(!isInFlight(user), "one flight a user")
                let wasTried = tried.remove(user) != nil
                let wasBusy = busy.remove(user) != nil || wasTried
                #expect(batch.waitsForLock ? wasBusy : batch.entries.allSatisfy(\.goesPromptly))
                var queue = (waiting[user] ?? []).drop { $0.deadline <= now }
                let sent = batch.entries.filter { $0.call.user == user }.map(\.token)
                // Expired calls between them cannot be: deadlines are in order.
                #expect(sent == queue.prefix(sent.count).map(\.token), "the user's order")
                queue.removeFirst(sent.count)
                waiting[user] = Array(queue)
                if queue.contains(where: { !$0.goesPromptly }) { busy.insert(user) }
                if queue.contains(where: { $0.attempts > 0 }) { tried.insert(user) }
            }
            flying.append(batch)
        }
        expectNothingIdle()
    }

    private func isInFlight(_ user: UserID) -> Bool {
        flying.contains { $0.entries.contains { $0.call.user == user } }
    }

    /// A batch that waits for no lock is under way, and does not hang.
    private var isOneAtWork: Bool { flying.contains { !$0.waitsForLock && now < $0.sentAt + Self.patience } }

    private func expectNothingIdle() {
        let ready = waiting.compactMapValues { queue in
            let inTime = queue.count { $0.deadline > now }
            return inTime > 0 ? inTime : nil
        }.filter { !isInFlight($0.key) }
        // A user who was busy takes either kind: what made him so may have expired.
        let prompt = ready.filter { !busy.contains($0.key) && !tried.contains($0.key) }
        let isWorthwhile = !isOneAtWork || single > 1 || prompt.values.reduce(0, +) >= Self.maximumBatch
        guard flying.count(where: { !$0.waitsForLock }) < 2, isWorthwhile else { return }
        let areWaitingSlotsTaken = flying.count { $0.waitsForLock } == 2
        #expect(ready.keys.allSatisfy { busy.contains($0) && areWaitingSlotsTaken }, "ready but not sent")
    }

    private mutating func comeBack() throws {
        guard !flying.isEmpty else { return }
        let batch = flying.remove(at: Int.random(in: flying.indices, using: &generator))
        var again: [Machine.Entry] = []
        let isRejected = Int.random(in: 0..<8, using: &generator) == 0
        let kinds: [StoreError.Kind?] = [
            .contended, .missingPartition, .rejected, .unavailable, nil, nil, nil, nil,
        ]
        for entry in batch.entries {
            let kind = isRejected ? .rejected : kinds.pick(&generator)
            if let kind, let retry = batch.retry(of: entry, after: StoreError(kind, ""), at: now) {
                again.append(retry)
            } else {
                answer(entry.token)
            }
        }
        machine.finished(batch, again: again)
        for entry in again.reversed() {
            waiting[entry.call.user, default: []].insert(entry, at: 0)
            if !entry.goesPromptly { busy.insert(entry.call.user) }
            if entry.attempts > 0 { tried.insert(entry.call.user) }
        }
    }

    private mutating func expire() {
        let known = answers
        for token in machine.expire(at: now, isAnswered: { known[$0] != nil }) { answer(token) }
    }

    /// As a ticket does: the first answer counts, a later one is not heard.
    private mutating func answer(_ token: Int) {
        if answers[token] == nil { answers[token] = 1 }
    }
}
