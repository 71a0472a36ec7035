import SluiceCore
import SluiceTesting
import Testing

@Suite("RefusalTable")
struct RefusalTableTests {
    private let start = ContinuousClock.now

    private func refusal(_ policy: Policy, used: [Int64], reset: [Int64], retry: Int64) -> Refusal {
        let windows = zip(policy.windows, zip(used, reset)).map {
            WindowState(window: $0, used: $1.0, resetAt: seconds($1.1))
        }
        return Refusal(decidedAt: seconds(0), retryAt: seconds(retry), policy: policy, windows: windows)
    }

    @Test("answers until the promised moment, counted from the asking, with a wait that shrinks from the answer on")
    func shrinks() throws {
        let policy = try Policy.test((1, .seconds(60)))
        var table = RefusalTable(maximumEntries: 10, maximumAge: .seconds(60))
        let call = try Call.test()
        let refusal = refusal(policy, used: [1], reset: [30], retry: 30)
        table.note(refusal, of: call, askedAt: start, at: start + .seconds(2))
        let later = table.refusal(of: call, under: policy, at: start + .seconds(10))
        #expect(later?.retryAt == refusal.retryAt)
        #expect(later?.retryAfter == .seconds(22))
        #expect(table.refusal(of: call, under: policy, at: start + .seconds(30) - .nanoseconds(1)) != nil)
        #expect(table.refusal(of: call, under: policy, at: start + .seconds(30)) == nil)
    }

    @Test("answers only the same user, weight and policy; looking weighs 1")
    func matches() throws {
        let policy = try Policy.test((1, .seconds(60)))
        let raised = try Policy.test((2, .seconds(60)))
        var table = RefusalTable(maximumEntries: 10, maximumAge: .seconds(60))
        let call = try Call.test()
        table.note(refusal(policy, used: [1], reset: [30], retry: 30), of: call, askedAt: start, at: start)
        #expect(table.refusal(of: try .test(call.user, weight: 0), under: policy, at: start) != nil)
        #expect(table.refusal(of: try .test(call.user, weight: 2), under: policy, at: start) == nil)
        #expect(table.refusal(of: try .test(), under: policy, at: start) == nil)
        #expect(table.refusal(of: try .test(call.user, id: .fresh()), under: policy, at: start) == nil)
        #expect(table.refusal(of: call, under: policy, at: start) != nil)
        #expect(table.refusal(of: call, under: raised, at: start) == nil)
        #expect(table.refusal(of: call, under: policy, at: start) == nil, "cleared by the other policy")
    }

    @Test("keeps no refusal that an admission could change, nor a local or shared one")
    func changeable() throws {
        let policy = try Policy.test((5, .seconds(60)), (9, .seconds(600)))
        var table = RefusalTable(maximumEntries: 10, maximumAge: .seconds(60))
        let heavy = try Call.test(weight: 3)
        table.note(refusal(policy, used: [4, 4], reset: [30, 300], retry: 30), of: heavy, askedAt: start, at: start)
        #expect(table.count == 0, "a lighter call could be admitted and make the wait longer")
        table.note(refusal(policy, used: [5, 5], reset: [30, 20], retry: 40), of: heavy, askedAt: start, at: start)
        #expect(table.refusal(of: heavy, under: policy, at: start + .seconds(19)) != nil)
        #expect(table.refusal(of: heavy, under: policy, at: start + .seconds(20)) == nil, "something left a window")
        let full = refusal(policy, used: [5, 5], reset: [30, 20], retry: 40)
        let local = Refusal(
            decidedAt: full.decidedAt, retryAt: full.retryAt, policy: policy, windows: full.windows, isLocal: true)
        let other = try Call.test()
        table.note(local, of: other, askedAt: start, at: start)
        #expect(table.refusal(of: other, under: policy, at: start) == nil)
        table.note(full.shared, of: other, askedAt: start, at: start)
        #expect(table.refusal(of: other, under: policy, at: start) == nil, "decided before it was asked, perhaps")
    }

    @Test("is bounded in entries and age, and does not gather what is over")
    func bounds() throws {
        let policy = try Policy.test((1, .seconds(6_000)))
        var table = RefusalTable(maximumEntries: 100, maximumAge: .seconds(60))
        let first = try Call.test()
        table.note(refusal(policy, used: [1], reset: [5_000], retry: 5_000), of: first, askedAt: start, at: start)
        #expect(table.refusal(of: first, under: policy, at: start + .seconds(59)) != nil)
        #expect(table.refusal(of: first, under: policy, at: start + .seconds(60)) == nil)
        for index in 0..<1_000 {
            let now = start + .milliseconds(index)
            table.note(refusal(policy, used: [1], reset: [50], retry: 50), of: try .test(), askedAt: now, at: now)
            #expect(table.count <= 100)
        }
        #expect(table.refusal(of: first, under: policy, at: start + .seconds(1)) == nil, "the oldest went")
        let late = start + .seconds(100)
        table.note(refusal(policy, used: [1], reset: [50], retry: 50), of: try .test(), askedAt: late, at: late)
        #expect(table.count == 1)
    }

    /// Two replicas ask one ledger whose clock is hours off; one of them caches.
    @Test("what it answers is what the ledger would answer", arguments: 0..<150 as Range<UInt64>)
    func exact(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let policies = [try Policy.test((3, .seconds(10))), try .test((2, .seconds(3)), (3, .seconds(10)))]
        var ledger = UserLedger()
        var table = RefusalTable(maximumEntries: 100, maximumAge: .seconds(60))
        var (now, policy) = (start, policies[0])
        let user = UserID.fresh()
        var hits = 0
        func databaseTime(_ instant: ContinuousClock.Instant) -> Timestamp {
            seconds(-7_200).advanced(by: start.duration(to: instant))
        }
        for _ in 0..<400 {
            now += .microseconds(Int.random(in: 1_000...1_500_000, using: &generator))
            let call = try Call.test(user, weight: [0, 1, 1, 1, 2].pick(&generator))
            if Int.random(in: 0..<3, using: &generator) == 0 {
                _ = ledger.decide([call], under: policy, clock: databaseTime(now))
                continue
            }
            if Int.random(in: 0..<20, using: &generator) == 0 { policy = policies.pick(&generator) }
            if let cached = table.refusal(of: call, under: policy, at: now) {
                hits += 1
                var copy = ledger
                let real = copy.decide([call], under: policy, clock: databaseTime(now))[0].refusal
                #expect(cached.retryAt == real?.retryAt)
                #expect(cached.windows == real?.windows)
                let early = cached.decidedAt.duration(to: databaseTime(now))
                #expect(early >= .zero, "never a shorter wait than the ledger's")
                #expect(early < .milliseconds(1), "nor one longer by more than an answer takes")
            } else {
                let latency = Duration.microseconds(Int.random(in: 0...900, using: &generator))
                let decision = ledger.decide([call], under: policy, clock: databaseTime(now + latency / 2))[0]
                if let refusal = decision.refusal {
                    table.note(refusal, of: call, askedAt: now, at: now + latency)
                }
            }
        }
        #expect(hits > 5)
    }
}
