import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

@Suite(.serialized) struct OriginTests {
    private static let full = CallOrigin(
        key: KeyID(bits: UUIDBits(high: 1, low: 2)), logicalID: CallID(bits: UUIDBits(high: 3, low: 4)), attempt: 5,
        reservation: Reservation(inputTokens: 6, outputTokens: 7, cost: 8))
    private static let origins: [CallOrigin?] = [
        nil, full, CallOrigin(), CallOrigin(reservation: Reservation(inputTokens: 0, outputTokens: 0)),
        CallOrigin(attempt: 99_999, reservation: Reservation(inputTokens: .max, outputTokens: .max, cost: .max)),
    ]

    /// Every way in takes it down: one user, many users, and calls that were let through without the ledger.
    @Test(arguments: 0..<3) func originsGetIntoTheLedger(_ way: Int) async throws {
        try await withSettlementHarness { harness in
            let user = UserID.fresh()
            let calls = try Self.origins.map { origin in
                try Call(user: way == 0 ? user : .fresh(), id: .fresh(), origin: origin)
            }
            if way < 2 {
                let policy = try Policy(
                    name: "p", windows: [try Window(name: "w", limit: 100, length: .seconds(3_600))])
                for result in try await harness.store.admit(calls, under: policy, deadline: .patience) {
                    _ = try result.get()
                }
            } else {
                let now = try await harness.store.clock(deadline: .patience)
                let unchecked = calls.map { UncheckedCall($0, admittedAt: now, policyID: 1) }
                let outcomes = try await harness.store.record(unchecked, replica: nil, deadline: .patience)
                #expect(outcomes.allSatisfy { $0 == .recorded })
            }
            for call in calls { #expect(try await origin(of: call, harness) == call.origin) }
        }
    }

    private func origin(of call: Call, _ harness: PostgresSettlementHarness) async throws -> CallOrigin? {
        let row = try #require(
            try await harness.database.query(
                """
                SELECT key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost
                FROM sluice.calls WHERE user_id = \(call.user) AND call_id = \(call.id)
                """
            ).first)
        guard let attempt = try row.decode(Int16?.self, at: 2) else { return nil }
        let input = try row.decode(Int64?.self, at: 3)
        let output = try row.decode(Int64?.self, at: 4)
        let cost = try row.decode(Int64?.self, at: 5)
        return CallOrigin(
            key: try row.decode(at: 0), logicalID: try row.decode(at: 1), attempt: Int(attempt),
            reservation: input.map { Reservation(inputTokens: $0, outputTokens: output ?? -1, cost: cost) })
    }

    @Test func theProbeStillSeesThatAllIsWell() async throws {
        try await withSettlementHarness { try await $0.store.probe(deadline: .patience) }
    }
}
