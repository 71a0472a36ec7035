import SluiceCore

/// The clock stands still or runs backwards; and looking.
enum ClockScenarios {
    static let all = [
        ContractScenario("clock: calls at one instant are stamped one after the other", standing),
        ContractScenario("clock: stepping back does not let a user's time run backwards", steppingBack),
        ContractScenario("peek: shows the windows and the next free moment, and consumes nothing", peeking),
    ]

    @Sendable private static func standing(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((9, .seconds(10)))
        for index in 0..<4 {
            let admission = try await world.admission(try world.call(), under: policy)
            try expect(admission.admittedAt, world.time(.microseconds(index)), "time of call \(index)")
        }
    }

    @Sendable private static func steppingBack(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)))
        try await world.setClock(.seconds(8))
        _ = try await world.admission(try world.call(), under: policy)
        try await world.setClock(.seconds(-3_600))
        let second = try await world.admission(try world.call(), under: policy)
        try expect(second.admittedAt, world.time(.seconds(8) + .microseconds(1)), "time")
        try expect(second.windows.map(\.used), [2], "used")
        let refusal = try await world.admit(try world.call(), under: policy).refusal()
        try expect(refusal.decidedAt, world.time(.seconds(8) + .microseconds(2)), "decided")
        try expect(refusal.retryAt, world.time(.seconds(18)), "retry")
        try await world.setClock(.seconds(18))
        try expect(try await world.admission(try world.call(), under: policy).windows.map(\.used), [2], "used later")
    }

    @Sendable private static func peeking(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((2, .seconds(10)), (4, .seconds(60)))
        let empty = try await world.peek(under: policy)
        try expect(empty.windows.map(\.used), [0, 0], "used at first")
        try expect(empty.windows.map(\.resetAt), [nil, nil], "reset at first")
        try expect(empty.admissibleAt.map { $0 <= empty.at }, true, "fits at first")
        _ = try await world.admission(try world.call(2), under: policy)
        try await world.setClock(.seconds(1))
        for (weight, moment) in [(0, 10), (1, 10), (2, 10), (3, nil)] as [(Int64, Int?)] {
            let peek = try await world.peek(weight: weight, under: policy)
            try expect(peek.user, world.user, "user")
            try expect(peek.at, world.time(.seconds(1)), "time")
            try expect(peek.windows.map(\.used), [2, 2], "used")
            try expect(peek.windows.first?.resetAt, world.time(.seconds(10)), "reset")
            try expect(peek.admissibleAt, moment.map { world.time(.seconds($0)) }, "admissible at weight \(weight)")
        }
        try await world.setClock(.seconds(10))
        _ = try await world.admission(try world.call(2), under: policy)
        try await world.setClock(.seconds(20))
        let peek = try await world.peek(weight: 2, under: policy)
        try expect(peek.windows.map(\.used), [0, 4], "used later")
        try expect(peek.admissibleAt, world.time(.seconds(60)), "admissible by the longer window")
        try await world.expectRows(2)
    }
}
