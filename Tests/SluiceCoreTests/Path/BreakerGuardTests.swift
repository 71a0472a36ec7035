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

    private actor Journal: UncheckedRecorder {
        struct Line: Equatable {
            let call: Call
            let time: Timestamp
            let cause: StoreError
        }

        private(set) var lines: [Line] = []

        func admittedUnchecked(_ call: Call, at time: Timestamp, policy: Policy, cause: StoreError) {
            lines.append(Line(call: call, time: time, cause: cause))
        }
    }

    private let next = Next()
    private let journal = Journal()
    private let breaker = CircuitBreaker()
    private let clock = ManualDatabaseClock(seconds(1_000))
    private let outageGuard: BreakerGuard

    init() {
        outageGuard = BreakerGuard(next, breaker: breaker, wallClock: { [clock] in clock.now }, recorder: journal)
    }

    private func fail(with kind: StoreError.Kind = .unavailable) -> StoreError {
        let error = StoreError(kind, "told so")
        next.failure.withLock { $0 = .unavailable(error, retryAfter: nil) }
        return error
    }

    private func trip() {
        for _ in 0..<3 { breaker.ended(.failed(.lost)) }
    }

    @Test(
        "open: let through, unchecked, by the replica's clock, and told to the recorder",
        arguments: [StoreError.Kind.unavailable, .deadlineExceeded, .contended, .schema])
    func open(kind: StoreError.Kind) async throws {
        let policy = try Policy.test((1, .seconds(10)))
        let call = try Call.test()
        #expect(try await outageGuard.admit(call, under: policy).admission?.mode == .enforced)
        let cause = fail(with: kind)
        let admission = try await outageGuard.admit(call, under: policy).admission
        #expect(
            admission
                == Admission(
                    callID: call.id, admittedAt: seconds(1_000), mode: .unchecked, policy: policy, windows: []))
        #expect(await journal.lines == [.init(call: call, time: seconds(1_000), cause: cause)])
        _ = try await outageGuard.admit(try .test(weight: 0), under: policy)
        #expect(await journal.lines.count == 1, "looking leaves no row")
    }

    @Test("while the breaker is open nobody asks, and peeking does not fail open")
    func atOnce() async throws {
        let policy = try Policy.test((1, .seconds(10)))
        trip()
        let admission = try await outageGuard.admit(try .test(), under: policy).admission
        #expect(admission?.mode == .unchecked)
        #expect(next.asked.withLock { $0 } == 0)
        #expect(await journal.lines.map(\.cause) == [.lost])
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
        #expect(await journal.lines.isEmpty)
    }

    @Test("bounded: the replica's own window decides, warm with what it admitted before")
    func bounded() async throws {
        let policy = try Policy.test((3, .seconds(10)), onOutage: .bounded)
        let user = UserID.fresh()
        let id = CallID.fresh()
        _ = try await outageGuard.admit(try .test(user, id: id), under: policy)
        clock.set(seconds(1_001))
        _ = try await outageGuard.admit(try .test(user), under: policy)
        _ = fail()
        let third = try await outageGuard.admit(try .test(user), under: policy).admission
        #expect(third?.mode == .unchecked)
        #expect(third?.windows == [])
        #expect(await journal.lines.map(\.time) == [seconds(1_001).advanced(by: .microseconds(1))])
        let refusal = try await outageGuard.admit(try .test(user), under: policy).refusal
        #expect(refusal?.isLocal == true)
        #expect(refusal?.retryAt == seconds(1_010))
        let again = try await outageGuard.admit(try .test(user, id: id), under: policy).admission
        #expect(again?.isReplay == true, "the first answer again, without a row")
        #expect(again?.mode == .unchecked)
        #expect(await journal.lines.count == 1)
        clock.set(seconds(1_010))
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
        #expect(await journal.lines.isEmpty)
    }
}
