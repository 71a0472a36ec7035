import SluiceCore

/// Calls that were let through in an outage and came into the ledger later.
enum UncheckedScenarios {
    static let all = [
        ContractScenario("unchecked: rows count, and leave, like any other", counted),
        ContractScenario("unchecked: more than the limit refuses until enough has left", overfull),
        ContractScenario("unchecked: they came in between rows that were counted", outOfOrder),
        ContractScenario("unchecked: a supplied id gets its unchecked answer again", replayed),
        ContractScenario("unchecked: a question that comes after its call was recorded adds nothing", late),
    ]

    @Sendable private static func counted(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((3, .seconds(10)))
        try await world.setClock(.seconds(5))
        try await harness.insertUnchecked(try world.call(), at: world.time(.seconds(1)))
        try await harness.insertUnchecked(try world.call(), at: world.time(.seconds(2)))
        let admission = try await world.admission(try world.call(), under: policy)
        try expect(admission.windows.map(\.used), [3], "used")
        try expect(admission.windows.first?.resetAt, world.time(.seconds(11)), "reset")
        try expect(
            try await world.admit(try world.call(), under: policy).refusal().retryAt, world.time(.seconds(11)), "retry")
        try await world.setClock(.seconds(11))
        try expect(try await world.admission(try world.call(), under: policy).windows.map(\.used), [3], "used later")
        let modes = try await harness.rows(of: world.user).sorted { $0.admittedAt < $1.admittedAt }.map(\.mode)
        try expect(modes, [.unchecked, .unchecked, .enforced, .enforced], "modes")
    }

    @Sendable private static func overfull(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        try await world.setClock(.seconds(5))
        for second in 0..<5 {
            try await harness.insertUnchecked(try world.call(), at: world.time(.seconds(second)))
        }
        let refusal = try await world.admit(try world.call(), under: policy).refusal()
        try expect(refusal.windows.map(\.used), [5], "used")
        try expect(refusal.windows.first?.remaining, 0, "remaining")
        try expect(refusal.retryAt, world.time(.seconds(13)), "retry")
        try await world.setClock(.seconds(13) - .microseconds(1))
        _ = try await world.admit(try world.call(), under: policy).refusal()
        try await world.setClock(.seconds(13))
        try expect(try await world.admission(try world.call(), under: policy).windows.map(\.used), [2], "used then")
    }

    @Sendable private static func outOfOrder(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((5, .seconds(10)), (9, .seconds(20)))
        _ = try await world.admission(try world.call(), under: policy)
        try await world.setClock(.seconds(5))
        _ = try await world.admission(try world.call(), under: policy)
        try await harness.insertUnchecked(try world.call(2), at: world.time(.seconds(2)))
        let refusal = try await world.admit(try world.call(4), under: policy).refusal()
        try expect(refusal.windows.map(\.used), [4, 4], "used")
        try expect(refusal.retryAt, world.time(.seconds(12)), "retry")
        try await world.setClock(.seconds(12))
        let admission = try await world.admission(try world.call(4), under: policy)
        try expect(admission.windows.map(\.used), [5, 8], "used then")
        try expect(
            admission.windows.map(\.resetAt), [world.time(.seconds(15)), world.time(.seconds(20))], "reset then")
    }

    @Sendable private static func replayed(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        let id = CallID.fresh()
        try await world.setClock(.seconds(5))
        try await harness.insertUnchecked(try world.call(id: id), at: world.time(.seconds(1)))
        let again = try await world.admission(try world.call(id: id), under: policy)
        try expect(again.mode, .unchecked, "mode")
        try expect(again.isReplay, true, "is a replay")
        try expect(again.admittedAt, world.time(.seconds(1)), "time")
        try expect(again.windows, [], "windows")
        try await world.expectRows(1)
    }

    /// Its id is one that the caller did not choose: it is no retry, but the same question once more.
    @Sendable private static func late(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        try await world.setClock(.seconds(5))
        let call = try world.call()
        try await harness.insertUnchecked(call, at: world.time(.seconds(1)))
        let other = try world.call()
        let decisions = try await world.admit([call, other], under: policy)
        let late = try decisions[0].admission()
        try expect(late.mode, .unchecked, "mode")
        try expect(late.isReplay, true, "is a replay")
        try expect(late.admittedAt, world.time(.seconds(1)), "time")
        try expect(try decisions[1].admission().windows.map(\.used), [2], "used by the other")
        try await world.expectRows(2)
    }
}
