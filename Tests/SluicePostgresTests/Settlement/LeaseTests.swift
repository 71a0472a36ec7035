import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

@Suite(.serialized) struct LeaseTests {
    private static let origin = CallOrigin(reservation: Reservation(inputTokens: 120, outputTokens: 400))
    private static let expired = SettlementRow(
        usage: .init(input: 120, output: 400), cost: nil, basis: .expired, isCorrection: false)

    private func call(_ origin: CallOrigin? = origin) throws -> Call {
        try Call(user: .fresh(), id: .fresh(), model: "m", origin: origin)
    }

    private func settlement(of call: Call, _ admittedAt: Timestamp) throws -> Settlement {
        try Settlement(
            user: call.user, callID: call.id, admittedAt: admittedAt, model: "m", usage: TokenUsage(input: 1),
            basis: .measured)
    }

    private func expire(_ harness: PostgresSettlementHarness, atMost most: Int = 1_000) async throws -> Int {
        try await harness.store.expireCalls(lease: .seconds(900), atMost: most, deadline: .patience)
    }

    private func advanceClock(_ harness: PostgresSettlementHarness, by minutes: Int) async throws {
        try await harness.database.execute(
            """
            CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS 'SELECT clock_timestamp() + \(minutes) * interval ''1 minute'''
            """)
    }

    @Test func callsPastTheirLeaseExpireWithTheirReservation() async throws {
        try await withSettlementHarness { harness in
            let (settled, open, other, foreign) = (try call(), try call(), try call(), try call(nil))
            let admittedAt = try await harness.admit(settled)
            for call in [open, other, foreign] { _ = try await harness.admit(call) }
            let settlement = try settlement(of: settled, admittedAt)
            _ = try await harness.store.settle([settlement], replica: nil, deadline: .patience)
            #expect(try await expire(harness) == 0)
            try await advanceClock(harness, by: 20)
            #expect(try await expire(harness, atMost: 1) == 1)
            #expect(try await expire(harness) == 1)
            #expect(try await expire(harness) == 0)
            for call in [open, other] {
                #expect(try await harness.rows(of: call.id, by: call.user) == [Self.expired])
            }
            #expect(try await harness.rows(of: settled.id, by: settled.user).map(\.basis) == [.measured])
            #expect(try await harness.rows(of: foreign.id, by: foreign.user).isEmpty)
        }
    }

    @Test func aBusyUsersCallExpiresLater() async throws {
        try await withSettlementHarness { harness in
            let (busy, free) = (try call(), try call())
            _ = try await harness.admit(busy)
            _ = try await harness.admit(free)
            try await advanceClock(harness, by: 20)
            try await harness.whileBusy(busy.user) {
                let count = try await expire(harness)
                #expect(count == 1)
            }
            #expect(try await expire(harness) == 1)
            #expect(try await harness.rows(of: busy.id, by: busy.user) == [Self.expired])
        }
    }

    /// The journal brings them with their own time, when the leases of that time were seen to already.
    @Test func callsThatAreRecordedAfterAnOutageExpireToo() async throws {
        try await withSettlementHarness { harness in
            let now = try await harness.store.clock(deadline: .patience)
            try await advanceClock(harness, by: 20)
            #expect(try await expire(harness) == 0)
            let late = try call()
            let unchecked = UncheckedCall(late, admittedAt: now.advanced(by: .seconds(-60)), policyID: 1)
            #expect(try await harness.store.record([unchecked], replica: nil, deadline: .patience) == [.recorded])
            try await advanceClock(harness, by: 120)
            #expect(try await expire(harness) == 1)
            #expect(try await harness.rows(of: late.id, by: late.user) == [Self.expired])
        }
    }

    @Test func anotherReplicaThatLooksLeavesItToTheFirst() async throws {
        try await withSettlementHarness { harness in
            _ = try await harness.admit(call())
            try await advanceClock(harness, by: 20)
            try await harness.stranger.query("SELECT pg_advisory_lock(1936485491, 0)")
            #expect(try await expire(harness) == 0)
            try await harness.stranger.query("SELECT pg_advisory_unlock_all()")
            #expect(try await expire(harness) == 1)
        }
    }
}
