import SluiceCore

/// The rule as a table: at these times calls of these weights come, and this is what they get.
enum DecisionTable {
    typealias Windows = [(limit: Int64, length: Duration)]

    enum Outcome {
        /// With so much used in each window, and the first window's oldest weight leaving then.
        case admitted([Int64], reset: Duration?)
        /// With so much used in each window, and room from then on.
        case refused([Int64], retry: Duration)
        case neverFits([Int64])
    }

    struct Step {
        let at: Duration
        let weight: Int64
        let policy: Windows
        let outcome: Outcome
    }

    static let scenarios: [ContractScenario] = tables.map { name, steps in
        ContractScenario("table: \(name)") { try await run(steps, on: $0) }
    }

    private static let one: Windows = [(3, .seconds(10))]
    private static let two: Windows = [(2, .seconds(1)), (3, .seconds(10))]
    private static let µs = Duration.microseconds(1)

    private static let tables: [(String, [Step])] = [
        (
            "one window fills, refuses, and opens to the microsecond",
            [
                Step(at: .seconds(0), weight: 1, policy: one, outcome: .admitted([1], reset: .seconds(10))),
                Step(at: .seconds(1), weight: 1, policy: one, outcome: .admitted([2], reset: .seconds(10))),
                Step(at: .seconds(2), weight: 1, policy: one, outcome: .admitted([3], reset: .seconds(10))),
                Step(at: .seconds(3), weight: 1, policy: one, outcome: .refused([3], retry: .seconds(10))),
                Step(at: .seconds(10) - µs, weight: 1, policy: one, outcome: .refused([3], retry: .seconds(10))),
                Step(at: .seconds(10), weight: 1, policy: one, outcome: .admitted([3], reset: .seconds(11))),
                Step(at: .seconds(10) + µs, weight: 1, policy: one, outcome: .refused([3], retry: .seconds(11))),
            ]
        ),
        (
            "a heavy call waits until enough has left, a light one less long",
            [
                Step(at: .seconds(0), weight: 1, policy: one, outcome: .admitted([1], reset: .seconds(10))),
                Step(at: .seconds(1), weight: 2, policy: one, outcome: .admitted([3], reset: .seconds(10))),
                Step(at: .seconds(2), weight: 1, policy: one, outcome: .refused([3], retry: .seconds(10))),
                Step(at: .seconds(2), weight: 2, policy: one, outcome: .refused([3], retry: .seconds(11))),
                Step(at: .seconds(11) - µs, weight: 2, policy: one, outcome: .refused([2], retry: .seconds(11))),
                Step(at: .seconds(11), weight: 3, policy: one, outcome: .admitted([3], reset: .seconds(21))),
            ]
        ),
        (
            "weight 0 looks, asks as 1, and leaves nothing",
            [
                Step(at: .seconds(0), weight: 0, policy: one, outcome: .admitted([0], reset: nil)),
                Step(at: .seconds(1), weight: 3, policy: one, outcome: .admitted([3], reset: .seconds(11))),
                Step(at: .seconds(2), weight: 0, policy: one, outcome: .refused([3], retry: .seconds(11))),
                Step(at: .seconds(11), weight: 0, policy: one, outcome: .admitted([0], reset: nil)),
                Step(at: .seconds(12), weight: 0, policy: [(0, .seconds(10))], outcome: .neverFits([0])),
            ]
        ),
        (
            "what is heavier than a limit never fits",
            [
                Step(at: .seconds(0), weight: 1, policy: one, outcome: .admitted([1], reset: .seconds(10))),
                Step(at: .seconds(1), weight: 4, policy: one, outcome: .neverFits([1])),
                Step(at: .seconds(2), weight: 3, policy: two, outcome: .neverFits([0, 1])),
                Step(at: .seconds(3), weight: 1, policy: [(0, .seconds(10))], outcome: .neverFits([1])),
                Step(at: .seconds(4), weight: 2, policy: one, outcome: .admitted([3], reset: .seconds(10))),
            ]
        ),
        (
            "all windows admit or none, and the wait is the longest",
            [
                Step(at: .seconds(0), weight: 2, policy: two, outcome: .admitted([2, 2], reset: .seconds(1))),
                Step(
                    at: .milliseconds(500), weight: 1, policy: two, outcome: .refused([2, 2], retry: .seconds(1))),
                Step(
                    at: .milliseconds(500), weight: 2, policy: two, outcome: .refused([2, 2], retry: .seconds(10))),
                Step(at: .seconds(1), weight: 1, policy: two, outcome: .admitted([1, 3], reset: .seconds(2))),
                Step(
                    at: .milliseconds(1_500), weight: 1, policy: two, outcome: .refused([1, 3], retry: .seconds(10))),
                Step(at: .seconds(10), weight: 1, policy: two, outcome: .admitted([1, 2], reset: .seconds(11))),
            ]
        ),
        (
            "a lowered limit refuses until enough has left, a raised one admits at once",
            [
                Step(at: .seconds(0), weight: 1, policy: one, outcome: .admitted([1], reset: .seconds(10))),
                Step(at: .seconds(1), weight: 1, policy: one, outcome: .admitted([2], reset: .seconds(10))),
                Step(at: .seconds(2), weight: 1, policy: one, outcome: .admitted([3], reset: .seconds(10))),
                Step(
                    at: .seconds(3), weight: 1, policy: [(1, .seconds(10))],
                    outcome: .refused([3], retry: .seconds(12))),
                Step(
                    at: .seconds(3), weight: 1, policy: [(2, .seconds(10))],
                    outcome: .refused([3], retry: .seconds(11))),
                Step(
                    at: .seconds(12) - µs, weight: 1, policy: [(1, .seconds(10))],
                    outcome: .refused([1], retry: .seconds(12))),
                Step(
                    at: .seconds(12) - µs, weight: 1, policy: [(5, .seconds(10))],
                    outcome: .admitted([2], reset: .seconds(12))),
            ]
        ),
        (
            "a longer window looks back over a time when the total began again",
            [
                Step(at: .seconds(0), weight: 2, policy: one, outcome: .admitted([2], reset: .seconds(10))),
                Step(at: .seconds(20), weight: 1, policy: one, outcome: .admitted([1], reset: .seconds(30))),
                Step(at: .seconds(40), weight: 3, policy: one, outcome: .admitted([3], reset: .seconds(50))),
                Step(
                    at: .seconds(41), weight: 1, policy: [(7, .seconds(60))],
                    outcome: .admitted([7], reset: .seconds(60))),
                Step(
                    at: .seconds(42), weight: 1, policy: [(7, .seconds(60))],
                    outcome: .refused([7], retry: .seconds(60))),
                Step(
                    at: .seconds(42), weight: 3, policy: [(7, .seconds(60))],
                    outcome: .refused([7], retry: .seconds(80))),
                Step(
                    at: .seconds(43), weight: 1, policy: [(6, .seconds(25)), (9, .seconds(60))],
                    outcome: .admitted([6, 8], reset: .seconds(45))),
            ]
        ),
    ]

    private static func run(_ steps: [Step], on harness: any ContractHarness) async throws {
        let world = try await ContractWorld(harness)
        var rows = 0
        for (index, step) in steps.enumerated() {
            try await world.setClock(step.at)
            let policy = try Policy(
                name: "test",
                windows: step.policy.enumerated().map {
                    try Window(name: "w\($0)", limit: $1.limit, length: $1.length)
                })
            let call = try world.call(step.weight)
            let decision = try await world.admit(call, under: policy)
            try check(decision, step, "step \(index + 1)", world)
            if case .admitted = decision, step.weight > 0 { rows += 1 }
        }
        try await world.expectRows(rows)
    }

    private static func check(_ decision: Decision, _ step: Step, _ place: String, _ world: ContractWorld) throws {
        switch (step.outcome, decision) {
        case (.admitted(let used, let reset), .admitted(let admission)):
            try expect(admission.windows.map(\.used), used, "\(place), used")
            try expect(admission.windows.first?.resetAt, reset.map(world.time), "\(place), reset")
            try expect(admission.mode, .enforced, "\(place), mode")
            try expect(admission.admittedAt, world.time(step.at), "\(place), time")
        case (.refused(let used, let retry), .refused(let refusal)):
            try expect(refusal.windows.map(\.used), used, "\(place), used")
            try expect(refusal.retryAt, world.time(retry), "\(place), retry")
            try expect(refusal.decidedAt, world.time(step.at), "\(place), time")
        case (.neverFits(let used), .neverFits(let never)):
            try expect(never.windows.map(\.used), used, "\(place), used")
            try expect(never.weight, step.weight, "\(place), weight")
        default:
            throw ContractViolation("\(place): expected \(step.outcome), found \(decision)")
        }
    }
}
