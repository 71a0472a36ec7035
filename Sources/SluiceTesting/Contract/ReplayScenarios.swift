import SluiceCore

/// Calls whose ids their callers chose.
enum ReplayScenarios {
    static let all = [
        ContractScenario("replay: a supplied id gets its first answer again and consumes nothing", firstAnswer),
        ContractScenario(
            "replay: under another policy the windows are that policy's, of the first answer's time", otherPolicy),
        ContractScenario("replay: ids are known for a day, or for the longest window", memory),
        ContractScenario("replay: of one id in a batch the first decides", duplicates),
        ContractScenario("replay: one id of two users is two calls", twoUsers),
        ContractScenario("replay: looking decides nothing", looking),
        ContractScenario("replay: a refusal is not remembered", refusals),
    ]

    @Sendable private static func firstAnswer(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        let id = CallID.fresh()
        _ = try await world.admission(try world.call(), under: policy)
        try await world.setClock(.seconds(1))
        let first = try await world.admission(try world.call(id: id), under: policy)
        try expect(first.isReplay, false, "first is a replay")
        for offset in [2, 9, 11, 3_600] {
            try await world.setClock(.seconds(offset))
            let again = try await world.admission(try world.call(id: id), under: policy)
            try expect(again, first.replayed, "answer after \(offset) s")
        }
        try await world.expectRows(2)
    }

    @Sendable private static func otherPolicy(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let id = CallID.fresh()
        let policy = try Policy.test((5, .seconds(10)))
        _ = try await world.admission(try world.call(), under: policy)
        try await world.setClock(.seconds(5))
        _ = try await world.admission(try world.call(2, id: id), under: policy)
        try await world.setClock(.seconds(6))
        _ = try await world.admission(try world.call(), under: policy)
        let other = try Policy.test((1, .seconds(2)), (9, .seconds(60)))
        let again = try await world.admission(try world.call(id: id), under: other)
        try expect(again.windows.map(\.used), [2, 3], "used")
        try expect(again.windows.map(\.resetAt), [world.time(.seconds(7)), world.time(.seconds(60))], "reset")
        try expect(again.isReplay, true, "is a replay")
        try await world.expectRows(3)
    }

    @Sendable private static func memory(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let (short, long) = (try Policy.test((9, .seconds(10))), try Policy.test((9, .seconds(2 * 86_400))))
        let id = CallID.fresh()
        _ = try await world.admission(try world.call(id: id), under: short)
        try await world.setClock(.seconds(86_400) - .microseconds(1))
        try expect(try await world.admission(try world.call(id: id), under: short).isReplay, true, "within a day")
        try await world.setClock(.seconds(86_400))
        try expect(try await world.admission(try world.call(id: id), under: long).isReplay, true, "within the window")
        try expect(try await world.admission(try world.call(id: id), under: short).isReplay, false, "after a day")
        try await world.expectRows(2)
    }

    @Sendable private static func duplicates(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        let (id, other) = (CallID.fresh(), CallID.fresh())
        let calls = [
            try world.call(id: id), try world.call(2, id: other), try world.call(id: id), try world.call(id: other),
        ]
        let decisions = try await world.admit(calls, under: policy)
        let first = try decisions[0].admission()
        try expect(first.isReplay, false, "first is a replay")
        try expect(try decisions[2].admission(), first.replayed, "the same id again")
        let refusal = try decisions[1].refusal()
        try expect(refusal.windows.map(\.used), [1], "used when refused")
        try expect(try decisions[3].refusal(), refusal, "the refused id again")
        try await world.expectRows(1)
    }

    @Sendable private static func twoUsers(_ harness: any ContractHarness) async throws {
        let policy = try Policy.test((2, .seconds(10)))
        let (one, other) = (try await ContractWorld(harness), try await ContractWorld(harness))
        let id = CallID.fresh()
        let calls = [try one.call(id: id), try other.call(id: id)]
        for decision in try await one.admit(calls, under: policy) {
            try expect(try decision.admission().isReplay, false, "is a replay")
        }
        try await one.expectRows(1)
        try await other.expectRows(1)
    }

    @Sendable private static func looking(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        let id = CallID.fresh()
        let decisions = try await world.admit([try world.call(0, id: id), try world.call(id: id)], under: policy)
        try expect(try decisions[0].admission().windows.map(\.used), [1], "used, looking")
        try expect(try decisions[1].admission().isReplay, false, "the call is a replay of a look")
        try await world.expectRows(1)
        let look = try await world.admission(try world.call(0, id: id), under: policy)
        try expect(look.isReplay, true, "looking at a known id is a replay")
    }

    @Sendable private static func refusals(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((1, .seconds(10)))
        let id = CallID.fresh()
        _ = try await world.admission(try world.call(), under: policy)
        let refusal = try await world.admit(try world.call(id: id), under: policy).refusal()
        try expect(refusal.retryAt, world.time(.seconds(10)), "retry")
        try await world.setClock(.seconds(10))
        try expect(try await world.admission(try world.call(id: id), under: policy).isReplay, false, "is a replay")
        try await world.expectRows(2)
    }
}

extension Admission {
    /// What a replay of this answer looks like.
    var replayed: Admission {
        Admission(
            callID: callID, admittedAt: admittedAt, mode: mode, policy: policy, windows: windows, isReplay: true)
    }
}
