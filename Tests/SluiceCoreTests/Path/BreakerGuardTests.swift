import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@Suite("BreakerGuard")
struct BreakerGuardTests {
    /// Answers as told, and counts who asks.
    private final class Next: Limiter {
        let failure: Mutex<LimiterError?> = Mutex(nil)
        let asked = Mutex(0)

        func admit(_ call: Call, under policy: Policy) async throws(LimiterError) -> Decision {
            asked.withLock { $0 += 1 }
            if let error = failure.withLock({ $0 }) { throw error }
            return .plain(call, policy)
        }

        func peek(_ user: UserID, weight: Int64, under policy: Policy) async throws(LimiterError) -> Peek {
            if let error = failure.withLock({ $0 }) { throw error }
            return Peek(user: user, at: seconds(0), policy: policy, windows: [], admissibleAt: nil)
        }
    }

    private final class Journal: UncheckedRecorder {
        struct Line: Equatable {
            let unchecked: UncheckedCall
            let cause: StoreError
        }

        let outcome = Mutex(RecordOutcome.recorded)
        private let written = Mutex<[Line]>([])
        var lines: [Line] { written.withLock { $0 } }

        func record(_ call: UncheckedCall, cause: StoreError) async -> RecordOutcome {
            written.withLock { $0.append(Line(unchecked: call, cause: cause)) }
            return outcome.withLock { $0 }
        }
    }

    private final class Counts: PathMetrics {
        let outcomes = Mutex<[RecordOutcome]>([])
        func recorded(_ outcome: RecordOutcome) { outcomes.withLock { $0.append(outcome) } }
    }

    private let next = Next()
    private let journal = Journal()
    private let breaker = CircuitBreaker()
    private let wall = ManualDatabaseClock(seconds(1_000_000))
    private let clock: LedgerClock
    private let counts = Counts()
    private let outageGuard: BreakerGuard

    init() {
        clock = LedgerClock { [wall] in wall.now }
        outageGuard = BreakerGuard(next, breaker: breaker, clock: clock, recorder: journal, metrics: counts)
    }

    private func fail(with kind: StoreError.Kind = .unavailable) -> StoreError {
        let error = StoreError(kind, "told so")
        next.failure.withLock { $0 = .unavailable(error, retryAfter: nil) }
        return error
    }

    private func trip() {
        for _ in 0..<3 { breaker.ended(.failed(.lost), askedAt: .now) }
    }

    @Test(
        "open: let through, unchecked, by the clock, and written down",
        arguments: [StoreError.Kind.unavailable, .deadlineExceeded, .contended, .schema, .missingPartition])
    func open(kind: StoreError.Kind) async throws {
        let policy = try Policy.test((1, .seconds(10)))
        let call = try Call.test()
        #expect(try await outageGuard.admit(call, under: policy).admission?.mode == .enforced)
        let cause = fail(with: kind)
        let admission = try await outageGuard.admit(call, under: policy).admission
        #expect(
            admission
                == Admission(
                    callID: call.id, admittedAt: seconds(1_000_000), mode: .unchecked, policy: policy, windows: []))
        #expect(journal.lines.map(\.unchecked.call) == [call])
        #expect(journal.lines.map(\.unchecked.admittedAt) == [seconds(1_000_000)])
        #expect(journal.lines.map(\.unchecked.policyID) == [policy.id])
        #expect(journal.lines.map(\.cause) == [cause])
        _ = try await outageGuard.admit(try .test(weight: 0), under: policy)
        #expect(journal.lines.count == 1, "looking leaves no row")
        #expect(counts.outcomes.withLock { $0 } == [.recorded])
    }

    @Test("open: what fits in no window does not go through, and blocks no window afterwards")
    func openNeverFits() async throws {
        let policy = try Policy.test((2, .seconds(10)))
        trip()
        guard case .neverFits = try await outageGuard.admit(try .test(weight: 3), under: policy) else {
            Issue.record("it fits")
            return
        }
        #expect(journal.lines.isEmpty)
        #expect(try await outageGuard.admit(try .test(weight: 2), under: policy).admission?.mode == .unchecked)
    }

    /// Fails the next call with `kind`, or trips the breaker for `nil`: since when the ledger may hold the call nonetheless, counted
    /// back from its time.
    private func doubt(after kind: StoreError.Kind?, suppliedID: CallID? = nil) async throws -> Duration? {
        if let kind { _ = fail(with: kind) } else { trip() }
        _ = try await outageGuard.admit(
            try .test(id: suppliedID), under: try Policy.test((1, .seconds(10))))
        let line = try #require(journal.lines.last).unchecked
        return line.mayExistSince?.duration(to: line.admittedAt)
    }

    @Test(
        "a call that was asked about without an answer is marked, hours back",
        arguments: [StoreError.Kind.unavailable, .deadlineExceeded, .schema])
    func marked(kind: StoreError.Kind) async throws {
        let asleep = try #require(await doubt(after: kind))
        #expect(asleep >= .seconds(25 * 3_600))
        clock.note(seconds(5_000), askedAt: .now, answeredAt: .now)
        let awake = try #require(await doubt(after: kind))
        #expect(awake >= .seconds(3_600) && awake < .seconds(2 * 3_600))
        #expect(try await doubt(after: kind, suppliedID: .fresh()) == nil, "looked up anyway")
    }

    @Test(
        "a call that cannot have been written is not marked: nobody was asked, or the ledger said so",
        arguments: [nil, StoreError.Kind.contended, .missingPartition])
    func unmarked(kind: StoreError.Kind?) async throws {
        #expect(try await doubt(after: kind) == nil)
    }

    @Test("what the ledger never takes does not go through, whatever the policy", arguments: OutageBehavior.allCases)
    func rejected(behavior: OutageBehavior) async throws {
        let cause = fail(with: .rejected)
        await #expect(throws: LimiterError.unavailable(cause, retryAfter: nil)) {
            try await outageGuard.admit(try .test(), under: try .test((1, .seconds(10)), onOutage: behavior))
        }
        #expect(journal.lines.isEmpty)
    }

    @Test("the recorder's word: lost goes through, refused does not", arguments: [OutageBehavior.open, .bounded])
    func recorderSays(behavior: OutageBehavior) async throws {
        let policy = try Policy.test((9, .seconds(10)), onOutage: behavior)
        trip()
        journal.outcome.withLock { $0 = .lost }
        #expect(try await outageGuard.admit(try .test(), under: policy).admission?.mode == .unchecked)
        let full = StoreError(.unrecorded, "the journal is full")
        journal.outcome.withLock { $0 = .refused(full) }
        let error = await #expect(throws: LimiterError.self) { try await outageGuard.admit(try .test(), under: policy) }
        guard case .unavailable(full, .some) = error else { throw StoreError.lost }
        #expect(counts.outcomes.withLock { $0 } == [.lost, .refused(full)])
    }

    @Test("while the breaker is open nobody asks, and peeking does not fail open")
    func atOnce() async throws {
        let policy = try Policy.test((1, .seconds(10)))
        trip()
        let admission = try await outageGuard.admit(try .test(), under: policy).admission
        #expect(admission?.mode == .unchecked)
        #expect(next.asked.withLock { $0 } == 0)
        #expect(journal.lines.map(\.cause) == [.lost])
        let error = await #expect(throws: LimiterError.self) {
            try await outageGuard.peek(.fresh(), weight: 1, under: policy)
        }
        guard case .unavailable(.lost, .some) = error else { throw StoreError.lost }
    }

    @Test("closed: unavailable, until the next probe")
    func closed() async throws {
        let policy = try Policy.test((1, .seconds(10)), onOutage: .closed)
        let cause = fail()
        await #expect(throws: LimiterError.unavailable(cause, retryAfter: nil)) {
            try await outageGuard.admit(try .test(), under: policy)
        }
        trip()
        let error = await #expect(throws: LimiterError.self) {
            try await outageGuard.admit(try .test(), under: policy)
        }
        guard case .unavailable(.lost, let wait?) = error else { throw StoreError.lost }
        #expect(wait <= .milliseconds(250))
        #expect(journal.lines.isEmpty)
    }

    @Test("bounded: the replica's own window decides, warm with what it admitted before")
    func bounded() async throws {
        let policy = try Policy.test((3, .seconds(10)), onOutage: .bounded)
        let user = UserID.fresh()
        let id = CallID.fresh()
        _ = try await outageGuard.admit(try .test(user, id: id), under: policy)
        wall.set(seconds(1_000_001))
        _ = try await outageGuard.admit(try .test(user), under: policy)
        _ = fail()
        let third = try await outageGuard.admit(try .test(user), under: policy).admission
        #expect(third?.mode == .unchecked)
        #expect(third?.windows == [])
        #expect(journal.lines.map(\.unchecked.admittedAt) == [seconds(1_000_001).advanced(by: .microseconds(1))])
        let refusal = try await outageGuard.admit(try .test(user), under: policy).refusal
        #expect(refusal?.isLocal == true)
        #expect(refusal?.retryAt == seconds(1_000_010))
        let again = try await outageGuard.admit(try .test(user, id: id), under: policy).admission
        #expect(again?.isReplay == true, "the first answer again, without a row")
        #expect(again?.mode == .unchecked)
        #expect(journal.lines.count == 1)
        wall.set(seconds(1_000_010))
        #expect(try await outageGuard.admit(try .test(user), under: policy).admission != nil)
    }

    @Test("a cancelled caller and a limiter that was shut down get no way through")
    func noOutage() async throws {
        let policy = try Policy.test((1, .seconds(10)))
        next.failure.withLock { $0 = .cancelled }
        await #expect(throws: LimiterError.cancelled) { try await outageGuard.admit(try .test(), under: policy) }
        let cause = fail(with: .closed)
        await #expect(throws: LimiterError.unavailable(cause, retryAfter: nil)) {
            try await outageGuard.admit(try .test(), under: policy)
        }
        #expect(journal.lines.isEmpty)
    }
}
