import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

@Suite(.serialized) struct SettlementTests {
    @Test(arguments: SettlementContract.scenarios)
    func contract(_ scenario: SettlementScenario) async throws {
        try await withSettlementHarness { try await scenario.run(on: $0) }
    }

    @Test func everyColumnIsFilled() async throws {
        try await withSettlementHarness { harness in
            let call = try Call.fresh()
            let admittedAt = try await harness.admit(call)
            let price = try await harness.store.setPrice(
                NewPrice(model: "m*", input: 1_000_000, output: 2_000_000), deadline: .patience)
            let late = try Call.fresh(call.user)
            let settlement = try Settlement(
                user: call.user, callID: late.id, admittedAt: try await harness.admit(late), model: "m-1",
                usage: TokenUsage(input: 10, output: 5), basis: .drained, status: 429, duration: .milliseconds(1_234))
            let before = try Settlement(
                user: call.user, callID: call.id, admittedAt: admittedAt, model: "m-1", usage: TokenUsage(input: 7),
                basis: .estimated)
            let outcomes = try await harness.store.settle(
                [settlement, before], replica: "replica-9", deadline: .patience)
            // The price came after the second call.
            #expect(outcomes == [.settled(cost: 20), .settled(cost: nil)])
            let row = try #require(
                try await harness.database.query(
                    """
                    SELECT model, basis::text, status, duration_ms, replica, price_id, cost_nanousd, input_total,
                        output_total, cost_total
                    FROM sluice.settlements WHERE call_id = \(late.id)
                    """
                ).first)
            #expect(try row.decode(String.self, at: 0) == "m-1" && row.decode(String.self, at: 1) == "drained")
            #expect(try row.decode(Int16.self, at: 2) == 429 && row.decode(Int64.self, at: 3) == 1_234)
            #expect(try row.decode(String.self, at: 4) == "replica-9" && row.decode(Int32.self, at: 5) == price)
            #expect(try (6...9).map { try row.decode(Int64.self, at: $0) } == [20, 10, 5, 20])
        }
    }

    /// More than the ledger takes of anything is refused with a word that says it is no outage.
    @Test func aBatchThatIsTooLargeIsRejected() async throws {
        try await withSettlementHarness { harness in
            let settlement = try Settlement(
                user: .fresh(), callID: .fresh(), admittedAt: nil, model: nil, usage: .zero, basis: .measured)
            await #expect {
                _ = try await harness.store.settle(
                    Array(repeating: settlement, count: 10_001), replica: nil, deadline: .patience)
            } throws: { ($0 as? StoreError)?.kind == .rejected }
        }
    }

    /// Ids that Sluice makes are found by the time in them.
    @Test func aCallIsFoundByAnIDThatSluiceMade() async throws {
        try await withSettlementHarness { harness in
            var generator = SystemRandomNumberGenerator()
            let now = try await harness.store.clock(deadline: .patience)
            let call = try Call(user: .fresh(), id: .version7(at: now, using: &generator))
            _ = try await harness.admit(call)
            let settlement = try Settlement(
                user: call.user, callID: call.id, admittedAt: nil, model: nil, usage: .zero, basis: .measured)
            let outcomes = try await harness.store.settle([settlement], replica: nil, deadline: .patience)
            #expect(outcomes == [.settled(cost: nil)])
        }
    }

    @Test func pricesAreOfThisMoment() async throws {
        try await withSettlementHarness { harness in
            let store = harness.store
            #expect(try await store.prices(deadline: .patience).isEmpty)
            try await store.setPrice(NewPrice(model: "a*", input: 1, output: 2), deadline: .patience)
            let id = try await store.setPrice(
                NewPrice(model: "a*", input: 5, cached: 3, cacheWrite: 7, output: 11), deadline: .patience)
            let price = ModelPrice(id: id, model: "a*", input: 5, cached: 3, cacheWrite: 7, output: 11)
            #expect(try await store.prices(deadline: .patience) == [price])
            for wrong in [
                NewPrice(model: "", input: 1, output: 1), NewPrice(model: "a*b", input: 1, output: 1),
                NewPrice(model: "a", input: -1, output: 1),
            ] {
                await #expect {
                    try await store.setPrice(wrong, deadline: .patience)
                } throws: { ($0 as? StoreError)?.kind == .rejected }
            }
        }
    }
}
