import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("BatcherMachine")
struct BatcherMachineTests {
    typealias Machine = BatcherMachine<Int>
    private static let patience = Duration.milliseconds(20)
    private let start = ContinuousClock.now

    private func entry(_ token: Int, _ user: UserID, _ policy: Policy, within timeout: Duration = .seconds(1)) throws
        -> Machine.Entry
    {
        Machine.Entry(call: try .test(user), policy: policy, deadline: start + timeout, token: token)
    }

    private func next(of machine: inout Machine, at now: ContinuousClock.Instant) throws -> Machine.Batch {
        let batch = machine.nextBatch(at: now)
        return try #require(batch)
    }

    private func tokens(_ batch: Machine.Batch?) -> [Int]? { batch?.entries.map(\.token) }

    @Test("an idle machine sends at once; calls that arrive meanwhile go together")
    func gathers() throws {
        let policy = try Policy.test((1, .seconds(1)))
        var machine = Machine(maximumBatch: 4, concurrency: 1, patience: Self.patience)
        machine.arrived(try entry(0, .fresh(), policy))
        let first = try next(of: &machine, at: start)
        for token in 1...6 { machine.arrived(try entry(token, .fresh(), policy)) }
        #expect(machine.nextBatch(at: start) == nil, "the slot is taken")
        machine.finished(first)
        let second = try next(of: &machine, at: start)
        #expect(tokens(second) == [1, 2, 3, 4])
        machine.finished(second)
        #expect(tokens(machine.nextBatch(at: start)) == [5, 6])
        #expect(machine.waiting == 0)
    }

    @Test("a user in flight is overtaken by others, and goes on behind those that waited")
    func hotUser() throws {
        let policy = try Policy.test((1, .seconds(1)))
        let (hot, other, third) = (UserID.fresh(), UserID.fresh(), UserID.fresh())
        var machine = Machine(maximumBatch: 2, concurrency: 2, patience: Self.patience)
        for token in 0..<5 { machine.arrived(try entry(token, hot, policy)) }
        let first = try next(of: &machine, at: start)
        #expect(tokens(first) == [0, 1])
        #expect(machine.nextBatch(at: start) == nil, "one batch at a time holds a user")
        machine.arrived(try entry(5, other, policy))
        machine.arrived(try entry(6, third, policy))
        machine.arrived(try entry(7, other, policy))
        machine.finished(first)
        #expect(tokens(machine.nextBatch(at: start)) == [5, 7])
        #expect(tokens(machine.nextBatch(at: start)) == [6, 2])
    }

    @Test("a batch is of one policy, and policies take turns")
    func policies() throws {
        let (one, two) = (try Policy.test((1, .seconds(1))), try Policy.test((2, .seconds(1))))
        let user = UserID.fresh()
        var machine = Machine(maximumBatch: 9, concurrency: 3, patience: Self.patience)
        machine.arrived(try entry(0, .fresh(), one))
        machine.arrived(try entry(1, .fresh(), two))
        machine.arrived(try entry(2, user, one))
        machine.arrived(try entry(3, user, two))
        let first = try next(of: &machine, at: start)
        #expect(tokens(first) == [0, 2])
        #expect(tokens(machine.nextBatch(at: start + Self.patience)) == [1])
        machine.finished(first)
        let third = machine.nextBatch(at: start + Self.patience * 2)
        #expect(tokens(third) == [3])
        #expect(third?.policy == two)
    }

    @Test("no policy starves another, and a batch has the time of its latest call")
    func turns() throws {
        let (one, two) = (try Policy.test((1, .seconds(1))), try Policy.test((2, .seconds(1))))
        let early = UserID.fresh()
        var machine = Machine(maximumBatch: 3, concurrency: 9, patience: Self.patience)
        machine.arrived(try entry(0, early, one, within: .seconds(1)))
        machine.arrived(try entry(1, .fresh(), one, within: .seconds(2)))
        machine.arrived(try entry(2, early, one, within: .seconds(3)))
        machine.arrived(try entry(3, .fresh(), one, within: .seconds(4)))
        machine.arrived(try entry(4, .fresh(), two, within: .seconds(5)))
        let first = machine.nextBatch(at: start)
        #expect(tokens(first) == [0, 2, 1])
        #expect(first?.deadline == start + .seconds(3))
        #expect(tokens(machine.nextBatch(at: start + Self.patience)) == [4])
        #expect(tokens(machine.nextBatch(at: start + Self.patience * 2)) == [3])
    }

    @Test("the batch's deadline is its calls' latest; what expired is not sent and is told once")
    func expiry() throws {
        let policy = try Policy.test((1, .seconds(1)))
        let (user, other) = (UserID.fresh(), UserID.fresh())
        var machine = Machine(maximumBatch: 9, concurrency: 1, patience: Self.patience)
        machine.arrived(try entry(0, user, policy, within: .seconds(1)))
        machine.arrived(try entry(1, user, policy, within: .seconds(2)))
        machine.arrived(try entry(2, other, policy, within: .seconds(3)))
        #expect(machine.nextLook(after: start) == start + .seconds(1))
        #expect(machine.expire(at: start + .seconds(1), isAnswered: { _ in false }) == [0])
        #expect(machine.expire(at: start + .seconds(1), isAnswered: { _ in false }).isEmpty)
        let batch = try next(of: &machine, at: start + .seconds(1))
        #expect(tokens(batch) == [1, 2])
        #expect(batch.deadline == start + .seconds(3))
        #expect(machine.overdue(at: start + .seconds(2)).isEmpty)
        #expect(machine.isTimely(batch))
        #expect(machine.overdue(at: start + .seconds(3)) == [start + .seconds(1)], "when it was sent")
        #expect(machine.overdue(at: start + .seconds(4)).isEmpty)
        #expect(!machine.isTimely(batch))
        #expect(machine.expire(at: start + .seconds(2), isAnswered: { $0 == 2 }) == [1])
        #expect(machine.nextLook(after: start + .seconds(4)) == nil, "answered calls need no timer")
    }

    @Test("calls of a busy user go again before that user's others")
    func again() throws {
        let policy = try Policy.test((1, .seconds(1)))
        let user = UserID.fresh()
        var machine = Machine(maximumBatch: 2, concurrency: 1, patience: Self.patience)
        for token in 0..<4 { machine.arrived(try entry(token, user, policy)) }
        let batch = try next(of: &machine, at: start)
        machine.finished(batch, again: batch.entries.map(\.tried))
        #expect(machine.waiting == 4)
        #expect(tokens(machine.nextBatch(at: start)) == [0, 1])
    }

    @Test("users who were busy wait apart, and hold up nobody however many they are")
    func busyUsers() throws {
        let policy = try Policy.test((1, .seconds(1)))
        let stuck = [UserID.fresh(), .fresh(), .fresh()]
        var machine = Machine(maximumBatch: 9, concurrency: 1, patience: Self.patience)
        for (token, user) in stuck.enumerated() { machine.arrived(try entry(token, user, policy)) }
        var together = try next(of: &machine, at: start)
        #expect(!together.waitsForLock && together.entries.count == 3)
        machine.finished(together, again: together.entries.map(\.tried))
        // There is one slot to wait in, so that the others are tried again.
        together = try next(of: &machine, at: start)
        let alone = try next(of: &machine, at: start)
        #expect(alone.waitsForLock && tokens(alone) == [0])
        for _ in 1..<Machine.promptAttempts {
            #expect(!together.waitsForLock && tokens(together) == [1, 2])
            machine.finished(together, again: together.entries.map(\.tried))
            guard let next = machine.nextBatch(at: start) else { break }
            together = next
        }
        #expect(machine.nextBatch(at: start) == nil, "one waits at a time")
        machine.arrived(try entry(3, .fresh(), policy))
        let prompt = try next(of: &machine, at: start)
        #expect(!prompt.waitsForLock && tokens(prompt) == [3])
        machine.finished(alone)
        #expect(tokens(machine.nextBatch(at: start)) == [1])
    }

    @Test("a call rejected with others goes again alone, and once alone it fails")
    func rejected() throws {
        let policy = try Policy.test((1, .seconds(1)))
        let rejection = StoreError(.rejected, "")
        let (user, other) = (UserID.fresh(), UserID.fresh())
        var machine = Machine(maximumBatch: 9, concurrency: 1, patience: Self.patience)
        for (token, user) in [user, user, other].enumerated() { machine.arrived(try entry(token, user, policy)) }
        let together = try next(of: &machine, at: start)
        let again = together.entries.compactMap { together.retry(of: $0, after: rejection, at: start) }
        #expect(again.map(\.token) == [0, 1, 2])
        machine.finished(together, again: again)
        for token in [0, 2, 1] {
            let alone = try next(of: &machine, at: start)
            #expect(alone.waitsForLock && tokens(alone) == [token])
            #expect(alone.entries.allSatisfy { alone.retry(of: $0, after: rejection, at: start) == nil })
            machine.finished(alone)
        }
    }

    @Test("for want of a partition a call goes again once, with the others, while there is time")
    func missingPartition() throws {
        let policy = try Policy.test((1, .seconds(1)))
        let missing = StoreError(.missingPartition, "")
        var machine = Machine(maximumBatch: 9, concurrency: 1, patience: Self.patience)
        for token in 0..<3 { machine.arrived(try entry(token, .fresh(), policy)) }
        let first = try next(of: &machine, at: start)
        #expect(first.entries.allSatisfy { first.retry(of: $0, after: missing, at: start + .seconds(1)) == nil })
        machine.finished(first, again: first.entries.compactMap { first.retry(of: $0, after: missing, at: start) })
        let second = try next(of: &machine, at: start)
        #expect(!second.waitsForLock && tokens(second) == [0, 1, 2])
        #expect(second.entries.allSatisfy { second.retry(of: $0, after: missing, at: start) == nil })
        #expect(
            second.entries.allSatisfy { entry in
                StoreError.Kind.allCases.filter { second.retry(of: entry, after: StoreError($0, ""), at: start) != nil }
                    == [.contended, .locked, .rejected]
            }, "what may have been written is not asked again")
    }

    @Test("nothing piles up while no batch comes back")
    func hungStore() throws {
        let policy = try Policy.test((1, .seconds(1)))
        var machine = Machine(maximumBatch: 1, concurrency: 1, patience: Self.patience)
        machine.arrived(try entry(0, .fresh(), policy))
        let hung = try next(of: &machine, at: start)
        for token in 1...1_000 { machine.arrived(try entry(token, .fresh(), policy)) }
        #expect(machine.expire(at: start + .seconds(1), isAnswered: { _ in false }).count == 1_001)
        #expect(machine.waiting == 0)
        #expect(machine.laneCount == 1, "the one in flight")
        #expect(!machine.isStuck)
        #expect(machine.overdue(at: start + .seconds(1)).count == 1)
        #expect(machine.isStuck)
        machine.finished(hung)
        #expect(!machine.isStuck)
        #expect(machine.laneCount == 0)
        #expect(machine.nextBatch(at: start + .seconds(1)) == nil)
    }
}

extension BatcherMachine.Entry {
    /// As the shell hands it back after its user was busy.
    fileprivate var tried: Self {
        var entry = self
        entry.attempts += 1
        return entry
    }
}
