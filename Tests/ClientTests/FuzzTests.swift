import Foundation
import SluiceCore
import SluiceTesting
import Testing

/// A replica answers as its OpenAPI document says, whatever is asked.
@Suite(.timeLimit(.minutes(60))) struct FuzzTests {
    /// Examples of each operation, and the seed: `bin/faults` sets both, each time to others. Here they are the same each time, so
    /// that a change is judged by what it changes.
    private static let examples = number("SLUICE_FUZZ_EXAMPLES") ?? 3
    private static let seed = number("SLUICE_FAULT_SEED") ?? 736_432

    @Test func answersAreAsDocumented() async throws {
        try await withWorld { world in
            let admin = Token.make(.fresh(), .admin)
            try await Python.run("fuzz.py", [world.address, admin, "\(Self.examples)", "\(Self.seed)"])
            // What the service lets through by /v1/admit nobody settles; of the gateway's own calls each is, once.
            var calls: [JSON] = []
            let areSettled = try await eventually {
                calls = try await world.ledger().filter { !$0["reserved_input"].isNull }
                return !calls.contains { $0["basis"].isNull }
            }
            #expect(areSettled && !calls.isEmpty && Set(calls.map { $0["call_id"] }).count == calls.count)
        }
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }.map { max(1, $0) }
    }
}
