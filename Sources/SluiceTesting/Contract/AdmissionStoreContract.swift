/// What every ``AdmissionStore`` does, as scenarios that run against any of them.
///
/// ```swift
/// @Test(arguments: AdmissionStoreContract.scenarios)
/// func contract(_ scenario: ContractScenario) async throws {
///     try await scenario.run(on: MyHarness())
/// }
/// ```
public enum AdmissionStoreContract {
    /// All of them; each takes a second or two against a database.
    public static let scenarios: [ContractScenario] =
        DecisionTable.scenarios + BatchScenarios.all + ReplayScenarios.all + UncheckedScenarios.all
        + ClockScenarios.all + (1...6).map { RandomHistory(seed: $0).scenario }
}

/// One thing that a store must do.
public struct ContractScenario: Sendable, CustomStringConvertible {
    public let description: String
    private let body: @Sendable (any ContractHarness) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (any ContractHarness) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// - Throws: ``ContractViolation`` saying what was expected and what came, or what the store or the harness threw.
    public func run(on harness: any ContractHarness) async throws {
        do {
            try await body(harness)
        } catch let violation as ContractViolation {
            throw ContractViolation("\(description): \(violation)")
        }
    }
}
