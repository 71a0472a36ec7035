import SluiceCore

/// A ledger of settlements, and a model that nobody else settles by.
struct SettlementWorld: Sendable {
    let harness: any SettlementHarness
    let model: String

    init(harness: any SettlementHarness) {
        self.harness = harness
        model = "model-\(CallID.fresh())"
    }

    /// What a fresh call of a fresh user has taken, which is in the ledger.
    ///
    /// - Parameter model: that which answered; the world's own where it is left out.
    func admitted(
        _ usage: TokenUsage, basis: Settlement.Basis = .measured, model: String?? = .none
    ) async throws -> Settlement {
        let call = try Call(user: .fresh(), id: .fresh(), isIDSupplied: true)
        let admittedAt = try await harness.admit(call)
        return try Settlement(
            user: call.user, callID: call.id, admittedAt: admittedAt, model: model ?? self.model, usage: usage,
            basis: basis)
    }

    /// Another settlement of the same call.
    func settlement(
        of other: Settlement, _ usage: TokenUsage, basis: Settlement.Basis = .measured, isAdmissionKnown: Bool = true
    ) throws -> Settlement {
        try Settlement(
            user: other.user, callID: other.callID, admittedAt: isAdmissionKnown ? other.admittedAt : nil,
            model: other.model, usage: usage, basis: basis, status: 200, duration: .milliseconds(1_500))
    }

    func settle(_ settlements: [Settlement], _ expected: [SettlementOutcome]) async throws {
        let outcomes = try await harness.ledger.settle(
            settlements, replica: "contract", deadline: .now + .seconds(60))
        try expect(outcomes, expected, "outcomes")
    }

    func rows(of settlement: Settlement) async throws -> [SettlementRow] {
        try await harness.rows(of: settlement.callID, by: settlement.user)
    }

    func expectRows(of settlement: Settlement, _ expected: [SettlementRow]) async throws {
        try expect(try await rows(of: settlement), expected, "rows")
    }
}
