import SluiceCore
import SluiceTesting
import Testing

/// Invariants 1, 2 and 3 of the design on random histories of one user.
@Suite("The rule")
struct InvariantTests {
    private static let seeds = 0..<60 as Range<UInt64>

    private static func policies() throws -> [Policy] {
        [
            try .test((5, .seconds(10))), try .test((3, .seconds(2)), (9, .seconds(30))),
            try .test((1, .microseconds(5))),
        ]
    }

    /// Decides batches at moments that creep, jump, or meet a departure; `visit` sees the ledger before each.
    private func play(
        seed: UInt64, under policy: Policy, maximumBatch: Int,
        _ visit: (UserLedger, [Call], [Decision]) throws -> Void
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var ledger = UserLedger()
        var now = seconds(0)
        let user = UserID.fresh()
        for _ in 0..<120 {
            let departures = ledger.rows.flatMap { row in policy.windows.map { row.admittedAt.advanced(by: $0.length) }
            }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: now = now.advanced(by: .microseconds(Int64.random(in: 0...4, using: &generator)))
            case 1: now = now.advanced(by: .milliseconds(Int64.random(in: 0...4_000, using: &generator)))
            default: now = max(now, departures.pick(&generator, or: now))
            }
            let calls = try (0..<Int.random(in: 1...maximumBatch, using: &generator)).map { _ in
                try Call.test(user, weight: [1, 1, 1, 2, 3].pick(&generator))
            }
            let before = ledger
            let decisions = ledger.decide(calls, under: policy, clock: now)
            try visit(before, calls, decisions)
        }
    }

    @Test("1, never over: no interval of a window's length holds more than its limit", arguments: seeds)
    func neverOver(seed: UInt64) throws {
        for policy in try Self.policies() {
            var events: [WindowChecker.Event] = []
            try play(seed: seed, under: policy, maximumBatch: 6) { _, calls, decisions in
                for (call, decision) in zip(calls, decisions) {
                    guard let admission = decision.admission else { continue }
                    events.append(.init(at: admission.admittedAt, weight: call.weight))
                }
            }
            for window in policy.windows { #expect(WindowChecker.violations(events, in: window).isEmpty) }
        }
    }

    @Test("2, never under: a refused call would have broken 1, and leaves nothing", arguments: seeds)
    func neverUnder(seed: UInt64) throws {
        for policy in try Self.policies() {
            try play(seed: seed, under: policy, maximumBatch: 1) { before, calls, decisions in
                guard let refusal = decisions[0].refusal else { return }
                let events =
                    before.rows.map { WindowChecker.Event(at: $0.admittedAt, weight: $0.weight) }
                    + [.init(at: refusal.decidedAt, weight: calls[0].weight)]
                #expect(policy.windows.contains { !WindowChecker.violations(events, in: $0).isEmpty })
                var after = before
                _ = after.decide(calls, under: policy, clock: refusal.decidedAt)
                #expect(after.rows == before.rows)
            }
        }
    }

    @Test("3, Retry-After is a promise: admitted then, refused a microsecond sooner", arguments: seeds)
    func promise(seed: UInt64) throws {
        for policy in try Self.policies() {
            try play(seed: seed, under: policy, maximumBatch: 1) { before, calls, decisions in
                guard let refusal = decisions[0].refusal else { return }
                #expect(refusal.retryAt > refusal.decidedAt)
                var (sooner, then) = (before, before)
                #expect(then.decide(calls, under: policy, clock: refusal.retryAt)[0].admission != nil)
                let early = sooner.decide(calls, under: policy, clock: refusal.retryAt.before(.microseconds(1)))[0]
                #expect(early.refusal?.retryAt == refusal.retryAt)
            }
        }
    }

    @Test("running totals say what a sum over the rows says", arguments: seeds)
    func totals(seed: UInt64) throws {
        let policy = try Policy.test((6, .seconds(3)))
        var generator = SeededGenerator(seed: seed)
        try play(seed: seed, under: policy, maximumBatch: 3) { ledger, _, _ in
            let rows = ledger.rows
            guard let last = rows.last?.admittedAt else { return }
            let length = Duration.microseconds(Int64.random(in: 1...60_000_000, using: &generator))
            let wide = try Policy.test((100_000, length))
            let peek = ledger.peek(of: .fresh(), weight: 1, under: wide, clock: last)
            let sum = rows.filter { $0.admittedAt > peek.at.before(length) }.reduce(0) { $0 + $1.weight }
            #expect(peek.windows[0].used == sum)
        }
    }

    @Test("a million rows cost a decision no sum: the total tells")
    func totalsAreUsed() throws {
        var ledger = UserLedger()
        let policy = try Policy.test((1_000_000, .seconds(3_600)))
        let user = UserID.fresh()
        for second in 0..<20 as Range<Int64> {
            _ = ledger.decide([try .test(user, weight: 10)], under: policy, clock: seconds(second))
        }
        #expect(ledger.rows.map { $0.total?.value } == (1...20).map { $0 * 10 })
        #expect(Set(ledger.rows.map { $0.total?.since }) == [seconds(0)])
        _ = ledger.decide([try .test(user)], under: policy, clock: seconds(9_000))
        #expect(ledger.rows.last?.total == RunningTotal(value: 1, since: seconds(9_000)))
    }
}

extension Array {
    fileprivate func pick(_ generator: inout some RandomNumberGenerator, or fallback: Element) -> Element {
        isEmpty ? fallback : pick(&generator)
    }
}
