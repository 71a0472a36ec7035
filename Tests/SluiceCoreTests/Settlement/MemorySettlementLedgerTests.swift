import SluiceCore
import SluiceTesting
import Testing

@Suite("MemorySettlementLedger")
struct MemorySettlementLedgerTests {
    /// A ledger of its own for each scenario.
    private struct Harness: SettlementHarness {
        let memory = MemorySettlementLedger()
        var ledger: any SettlementLedger { memory }

        func admit(_ call: Call) async throws -> Timestamp {
            memory.note(call, admittedAt: seconds(1))
            return seconds(1)
        }

        func setPrice(_ price: ModelPrice) async throws { memory.setPrice(price) }

        func whileBusy(_ user: UserID, _ body: @Sendable () async throws -> Void) async throws {
            memory.setBusy(true, user)
            try await body()
            memory.setBusy(false, user)
        }

        func rows(of call: CallID, by user: UserID) async throws -> [SettlementRow] { memory.rows(of: call) }
    }

    @Test("keeps the contract", arguments: SettlementContract.scenarios)
    func contract(_ scenario: SettlementScenario) async throws {
        try await scenario.run(on: Harness())
    }
}
