import SluiceTesting
import Testing

@testable import SluiceCore

/// When a batch goes beside another that is under way.
@Suite("Slots of BatcherMachine")
struct BatchSlotTests {
    private typealias Machine = BatcherMachine<Int>

    private let start = ContinuousClock.now
    private let policy: Policy
    private let patience = Duration.milliseconds(20)

    init() throws {
        policy = try .test((1, .seconds(1)))
    }

    /// With one call under way.
    private func busy(_ user: UserID = .fresh(), maximumBatch: Int = 256, concurrency: Int = 2) throws -> Machine {
        var machine = Machine(maximumBatch: maximumBatch, concurrency: concurrency, patience: patience)
        try arrive(1, at: &machine, user)
        let first = machine.nextBatch(at: start)
        #expect(first?.entries.count == 1)
        return machine
    }

    private func arrive(
        _ calls: Int, at machine: inout Machine, _ user: UserID? = nil, under policy: Policy? = nil,
        within timeout: Duration = .seconds(1)
    ) throws {
        for token in 0..<calls {
            let call = try Call.test(user ?? .fresh())
            machine.arrived(
                .init(call: call, policy: policy ?? self.policy, deadline: start + timeout, token: token))
        }
    }

    private func batch(of machine: inout Machine) throws -> Machine.Batch {
        let batch = machine.nextBatch(at: start)
        return try #require(batch)
    }

    private func batch(of machine: inout Machine, with calls: Int, after time: Duration) throws -> Machine.Batch {
        try arrive(calls, at: &machine)
        let batch = machine.nextBatch(at: start + time)
        return try #require(batch)
    }

    /// How many calls it holds.
    private func next(of machine: inout Machine, after time: Duration = .zero) -> Int? {
        machine.nextBatch(at: start + time)?.entries.count
    }

    @Test("few calls wait for the batch under way, many go beside it, up to the slots")
    func many() throws {
        let enough = BatchSlots.worthwhileCalls
        var machine = try busy()
        try arrive(enough - 1, at: &machine)
        #expect(next(of: &machine) == nil)
        try arrive(1, at: &machine)
        #expect(next(of: &machine) == enough)
        try arrive(enough, at: &machine)
        #expect(next(of: &machine, after: patience) == nil, "two slots")
    }

    @Test("where calls come one by one, none waits for another's batch")
    func rare() throws {
        var machine = try busy(concurrency: 8)
        machine.finished(try batch(of: &machine, with: 1, after: patience))
        for _ in 0..<2 {
            try arrive(1, at: &machine)
            #expect(next(of: &machine) == 1)
        }
        try arrive(2, at: &machine)
        #expect(next(of: &machine) == 2)
        try arrive(1, at: &machine)
        #expect(next(of: &machine) == nil, "calls gather again")
    }

    @Test("a batch that would be full waits for nothing")
    func full() throws {
        var machine = try busy(maximumBatch: 4)
        try arrive(3, at: &machine)
        #expect(next(of: &machine) == nil)
        try arrive(1, at: &machine)
        #expect(next(of: &machine) == 4)
    }

    @Test("calls whose user is in flight, and calls whose time is over, make nothing worthwhile")
    func notReady() throws {
        let (user, enough) = (UserID.fresh(), BatchSlots.worthwhileCalls)
        var machine = try busy(user)
        try arrive(enough, at: &machine, user)
        #expect(next(of: &machine) == nil)
        try arrive(enough - 1, at: &machine, within: .seconds(2))
        #expect(machine.expire(at: start + .seconds(1), isAnswered: { _ in false }).count == enough + 1)
        machine = try busy()
        try arrive(2, at: &machine)
        try arrive(enough - 1, at: &machine, within: .seconds(2))
        #expect(machine.expire(at: start + .seconds(1), isAnswered: { _ in false }).count == 3)
        #expect(machine.nextBatch(at: start + patience / 2) == nil)
        try arrive(1, at: &machine, within: .seconds(2))
        #expect(next(of: &machine, after: patience / 2) == enough)
    }

    @Test("many calls of few users are many")
    func hotUsers() throws {
        let users = [UserID.fresh(), .fresh()]
        var machine = try busy()
        for user in users { try arrive(BatchSlots.worthwhileCalls / 2, at: &machine, user) }
        #expect(next(of: &machine) == BatchSlots.worthwhileCalls)
    }

    @Test("policies that would have to take many turns do not")
    func policies() throws {
        var machine = try busy()
        for quota in 1..<BatchSlots.worthwhilePolicies {
            try arrive(1, at: &machine, under: .test((Int64(quota), .seconds(1))))
        }
        #expect(next(of: &machine) == nil)
        try arrive(1, at: &machine, under: .test((1_000, .seconds(1))))
        #expect(next(of: &machine) == 1)
    }

    @Test("what seems to hang holds up nobody: the others go at their time, one batch after the other again")
    func hanging() throws {
        var machine = try busy(concurrency: 3)
        try arrive(2, at: &machine)
        #expect(machine.nextLook(after: start) == start + patience)
        #expect(next(of: &machine, after: patience - .nanoseconds(1)) == nil)
        #expect(next(of: &machine, after: patience) == 2)
        try arrive(1, at: &machine)
        #expect(machine.nextLook(after: start + patience) == start + patience * 2)
        #expect(next(of: &machine, after: patience * 2 - .nanoseconds(1)) == nil)
        #expect(next(of: &machine, after: patience * 2) == 1)
    }

    @Test("time is looked at no later than a batch may seem to hang, where that opens a slot")
    func looks() throws {
        var machine = try busy(concurrency: 1)
        #expect(machine.nextLook(after: start) == start + .seconds(1))
        machine = try busy()
        #expect(machine.nextLook(after: start + patience) == start + patience * 2)
        #expect(machine.nextLook(after: start + .seconds(1) - patience / 2) == start + .seconds(1))
        #expect(BatcherSettings().patience == patience)
        #expect(BatcherSettings(timeout: .milliseconds(20)).patience == .milliseconds(5), "in time for the others")
    }

    @Test("a user who is waited for holds up nobody, and waits beside a batch under way")
    func waiting() throws {
        var machine = Machine(maximumBatch: 256, concurrency: 1, patience: patience)
        try arrive(1, at: &machine)
        let tried = try batch(of: &machine)
        machine.finished(tried, again: tried.entries.compactMap { tried.retry(of: $0, after: .busy, at: start) })
        let alone = try batch(of: &machine)
        #expect(alone.waitsForLock)
        try arrive(1, at: &machine)
        let other = try batch(of: &machine)
        #expect(!other.waitsForLock)
        machine.finished(alone, again: alone.entries.compactMap { alone.retry(of: $0, after: .busy, at: start) })
        #expect(try batch(of: &machine).waitsForLock)
    }
}
