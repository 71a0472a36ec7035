import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

@Suite(.serialized) struct FactTests {
    @Test func aUserWhoIsNotKnownHasNone() async throws {
        try await withSettlementHarness { harness in
            let facts = try await harness.store.facts(of: .fresh(), deadline: .patience)
            #expect(facts == UserFacts(refusals: [], uncheckedCalls: 0, lastUncheckedAt: nil, calls: 0))
        }
    }

    @Test func callsOutagesAndRefusalsAreTold() async throws {
        try await withSettlementHarness { harness in
            let (store, user) = (harness.store, UserID.fresh())
            for _ in 0..<3 { _ = try await harness.admit(.fresh(user)) }
            let now = try await store.clock(deadline: .patience)
            let outageAt = now.advanced(by: .seconds(-60))
            let unchecked = UncheckedCall(try .fresh(user), admittedAt: outageAt, policyID: 1)
            #expect(try await store.record([unchecked], replica: nil, deadline: .patience) == [.recorded])
            let minute = Timestamp(microseconds: now.microseconds / 60_000_000 * 60_000_000 - 120_000_000)
            let earlier = minute.advanced(by: .seconds(-60))
            // Several replicas count for themselves.
            for _ in 0..<2 {
                try await store.record(
                    [
                        RefusalCount(user: user, policyID: 1, minute: minute, count: 4),
                        RefusalCount(user: user, policyID: 2, minute: minute, count: 1),
                        RefusalCount(user: user, policyID: 1, minute: earlier, count: 2),
                        RefusalCount(user: .fresh(), policyID: 1, minute: minute, count: 9),
                    ], replica: "replica-1", deadline: .patience)
            }
            let facts = try await store.facts(of: user, deadline: .patience)
            #expect(facts.calls == 4 && facts.uncheckedCalls == 1 && facts.lastUncheckedAt == outageAt)
            #expect(facts.refusals == [.init(minute: minute, count: 10), .init(minute: earlier, count: 4)])
        }
    }
}
