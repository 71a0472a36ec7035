import SluiceCore

/// Several calls in one batch, and several batches at once.
enum BatchScenarios {
    static let all = [
        ContractScenario("batch: lightest first, then in order; the others are answered as of its end", lightestFirst),
        ContractScenario("batch: those that look are answered as of its end", looksLast),
        ContractScenario("batch: users do not share a window", severalUsers),
        ContractScenario("batch: its later stamps let nothing leave, and the wait is longer than they are", stamps),
        ContractScenario("batch: one user's, larger than the limit", largeBatch),
        ContractScenario("batch: many at once admit exactly the limit", manyAtOnce),
    ]

    private static func µs(_ count: Int64) -> Duration { .microseconds(count) }

    @Sendable private static func lightestFirst(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((6, .seconds(10)))
        let calls = try [3, 1, 2, 1, 3, 7].map { try world.call($0) }
        let decisions = try await world.admit(calls, under: policy)
        for (place, index) in [1, 3, 2].enumerated() {
            let admission = try decisions[index].admission()
            try expect(admission.callID, calls[index].id, "call id")
            try expect(admission.admittedAt, world.time(µs(Int64(place))), "time of call \(index)")
            try expect(admission.windows.map(\.used), [[1, 2, 4][place]], "used after call \(index)")
            try expect(admission.windows.first?.resetAt, world.time(.seconds(10)), "reset of call \(index)")
        }
        for index in [0, 4] {
            let refusal = try decisions[index].refusal()
            try expect(refusal.windows.map(\.used), [4], "used when call \(index) was refused")
            try expect(refusal.decidedAt, world.time(µs(2)), "time of refusal \(index)")
            try expect(refusal.retryAt, world.time(.seconds(10)), "retry of refusal \(index)")
        }
        guard case .neverFits(let never) = decisions[5] else { throw ContractViolation("fits: \(decisions[5])") }
        try expect(never.windows.map(\.used), [4], "used when the call never fitted")
        try await world.expectRows(3)
    }

    @Sendable private static func looksLast(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((3, .seconds(10)))
        let some = try await world.admit([try world.call(0), try world.call(2)], under: policy)
        let look = try some[0].admission()
        try expect(look.windows.map(\.used), [2], "used, looking")
        try expect(look.admittedAt, world.time(.zero), "time, looking")
        let full = try await world.admit([try world.call(0), try world.call(1)], under: policy)
        try expect(try full[0].refusal().windows.map(\.used), [3], "used, looking at a full window")
        try expect(try full[1].admission().windows.map(\.used), [3], "used")
        try await world.expectRows(2)
    }

    @Sendable private static func severalUsers(_ harness: any ContractHarness) async throws {
        let policy = try Policy.test((1, .seconds(10)))
        let (one, other) = (try await ContractWorld(harness), try await ContractWorld(harness))
        let calls = [try one.call(), try other.call(), try other.call(), try one.call()]
        let decisions = try await one.admit(calls, under: policy)
        for index in [0, 1] {
            let admission = try decisions[index].admission()
            try expect(admission.callID, calls[index].id, "call id")
            try expect(admission.admittedAt, one.time(.zero), "time")
        }
        for index in [2, 3] { try expect(try decisions[index].refusal().windows.map(\.used), [1], "used") }
        try await one.expectRows(1)
        try await other.expectRows(1)
    }

    @Sendable private static func stamps(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((3, .seconds(10)))
        try expect(try await world.admission(try world.call(2), under: policy).admittedAt, world.time(.zero), "first")
        try expect(try await world.admission(try world.call(1), under: policy).admittedAt, world.time(µs(1)), "second")
        try await world.setClock(.seconds(10))
        let decisions = try await world.admit(try (0..<3).map { _ in try world.call() }, under: policy)
        try expect(try decisions[0].admission().admittedAt, world.time(.seconds(10)), "third")
        try expect(try decisions[1].admission().admittedAt, world.time(.seconds(10) + µs(1)), "fourth")
        let refusal = try decisions[2].refusal()
        try expect(refusal.windows.map(\.used), [3], "used")
        try expect(refusal.decidedAt, world.time(.seconds(10) + µs(1)), "decided")
        try expect(refusal.retryAt, world.time(.seconds(10) + µs(2)), "retry")
        try await world.setClock(.seconds(10) + µs(2))
        try expect(try await world.admission(try world.call(), under: policy).windows.map(\.used), [3], "used then")
    }

    @Sendable private static func largeBatch(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((100, .seconds(10)), (1_000, .seconds(3_600)))
        let decisions = try await world.admit(try (0..<256).map { _ in try world.call() }, under: policy)
        for (index, decision) in decisions.enumerated() {
            guard index < 100 else {
                try expect(try decision.refusal().retryAt, world.time(.seconds(10)), "retry of call \(index)")
                continue
            }
            let admission = try decision.admission()
            try expect(admission.admittedAt, world.time(µs(Int64(index))), "time of call \(index)")
            try expect(admission.windows.map(\.used), [Int64(index) + 1, Int64(index) + 1], "used")
        }
        try await world.expectRows(100)
    }

    @Sendable private static func manyAtOnce(_ harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        let policy = try Policy.test((50, .seconds(10)))
        let admitted = try await withThrowingTaskGroup(of: Int.self) { group in
            for size in 0..<24 {
                group.addTask {
                    let calls = try (0...size % 4).map { _ in try world.call() }
                    return try await world.admit(calls, under: policy).filter {
                        if case .admitted = $0 { true } else { false }
                    }.count
                }
            }
            return try await group.reduce(0, +)
        }
        try expect(admitted, 50, "admitted of 60")
        let rows = try await harness.rows(of: world.user)
        try expect(Set(rows.map(\.admittedAt)).count, 50, "distinct times")
    }
}
