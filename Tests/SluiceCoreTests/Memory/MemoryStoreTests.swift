import SluiceCore
import SluiceTesting
import Testing

@Suite("MemoryStore")
struct MemoryStoreTests {
    @Test("keeps the contract", arguments: AdmissionStoreContract.scenarios)
    func contract(_ scenario: ContractScenario) async throws {
        try await scenario.run(on: MemoryHarness())
    }

    @Test("agrees with the plain model on many histories", arguments: 100..<200 as Range<UInt64>)
    func histories(seed: UInt64) async throws {
        try await RandomHistory(seed: seed, steps: 120).run(on: MemoryHarness())
    }
}
