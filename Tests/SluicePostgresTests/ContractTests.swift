import Postgres
import SluiceTesting
import Testing

/// The rule in SQL is the rule in Swift: the suite that ``MemoryStore`` passes, on a real server, through every path.
@Suite(.serialized) struct ContractTests {
    @Test(arguments: PostgresContractHarness.Path.allCases, AdmissionStoreContract.scenarios)
    func scenario(_ path: PostgresContractHarness.Path, _ scenario: ContractScenario) async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await scenario.run(on: try await PostgresContractHarness(path, on: connection, owner: owner))
            }
        }
    }
}
