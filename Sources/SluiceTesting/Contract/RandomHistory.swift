import SluiceCore

/// A history made from a seed, decided by a store and by ``PlainModel``, which must agree in everything.
///
/// Time stands still, creeps, jumps, steps back, and lands exactly on moments when something leaves; policies change between
/// batches; ids repeat; unchecked rows come in late.
public struct RandomHistory: Sendable {
    public let seed: UInt64
    public let steps: Int

    public init(seed: UInt64, steps: Int = 150) {
        self.seed = seed
        self.steps = steps
    }

    /// This history as a part of the contract.
    public var scenario: ContractScenario {
        ContractScenario("random history of seed \(seed)") { try await run(on: $0) }
    }

    /// - Throws: ``ContractViolation`` naming the step at which store and model differ.
    public func run(on harness: any ContractHarness) async throws {
        var state = try State(seed: seed, start: harness.baseTime)
        for step in 1...steps {
            do {
                try await state.advance(on: harness)
            } catch let violation as ContractViolation {
                throw ContractViolation("seed \(seed), step \(step): \(violation)")
            }
        }
        for user in state.users {
            let found = try await harness.rows(of: user)
            let expected = state.rows(of: user)
            if harness.keepsOldRows { try expect(found.count, expected.count, "rows in the ledger") }
            try expect(Set(found).count, found.count, "distinct rows in the ledger")
            try expect(Set(found).subtracting(expected), [], "rows in the ledger that should not be there")
        }
    }

    private struct State {
        let users = (0..<3).map { _ in UserID.fresh() }
        let policies: [Policy]
        let ids = (0..<6).map { _ in CallID.fresh() }
        var generator: SeededGenerator
        var model = PlainModel()
        var now: Timestamp
        var policy: Policy

        init(seed: UInt64, start: Timestamp) throws {
            generator = SeededGenerator(seed: seed)
            policies = [
                try .test((5, .seconds(10))),
                try .test((2, .seconds(10))),
                try .test((3, .seconds(2)), (8, .seconds(30))),
                try .test((12, .seconds(90)), (4, .milliseconds(1_500)), (1_000, .microseconds(3))),
            ]
            policy = policies[0]
            now = start
        }

        mutating func advance(on harness: any ContractHarness) async throws {
            moveTime()
            try await harness.setClock(now, of: users)
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: policy = pick(policies)
            case 1, 2: try await insertUnchecked(on: harness)
            case 3, 4: try await peek(on: harness)
            default: try await admit(on: harness)
            }
        }

        func rows(of user: UserID) -> [ContractRow] {
            model.rows.filter { $0.call.user == user }.map {
                ContractRow(callID: $0.call.id, admittedAt: $0.at, weight: $0.call.weight, mode: $0.mode)
            }
        }

        private mutating func admit(on harness: any ContractHarness) async throws {
            let count = pick([1, 1, 1, 2, 3, 6])
            let calls = try (0..<count).map { _ in try call() }
            let expected = model.admit(calls, under: policy, clock: now)
            let results = try await harness.store.admit(calls, under: policy, deadline: .now + .seconds(60))
            for (index, result) in results.enumerated() {
                try expect(try result.get(), expected[index], "call \(index + 1) of \(calls.count)")
            }
        }

        private mutating func peek(on harness: any ContractHarness) async throws {
            let (user, weight) = (pick(users), pick([0, 1, 2, 4, 9] as [Int64]))
            let expected = model.peek(user, weight: weight, under: policy, clock: now)
            let found = try await harness.store.peek(user, weight: weight, under: policy, deadline: .now + .seconds(60))
            try expect(found.windows, expected.windows, "windows, peeking")
            try expect(found.admissibleAt.map { max($0, found.at) }, expected.admissibleAt, "admissible, peeking")
        }

        private mutating func insertUnchecked(on harness: any ContractHarness) async throws {
            let age = Duration.microseconds(Int64.random(in: 0...12_000_000, using: &generator))
            let call = try Call(user: pick(users), id: .fresh(), weight: pick([1, 1, 2]))
            model.insertUnchecked(call, at: now.advanced(by: .zero - age))
            try await harness.insertUnchecked(call, at: now.advanced(by: .zero - age))
        }

        private mutating func call() throws -> Call {
            let isIDSupplied = pick([false, false, false, true])
            return try Call(
                user: pick(users), id: isIDSupplied ? pick(ids) : .fresh(), isIDSupplied: isIDSupplied,
                weight: pick([0, 1, 1, 1, 1, 2, 3, 6]))
        }

        private mutating func moveTime() {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0, 1: break
            case 2: now = now.advanced(by: .microseconds(pick([1, 2, 3, 7])))
            case 3, 4: now = now.advanced(by: .microseconds(Int64.random(in: 0...3_000_000, using: &generator)))
            case 5: now = now.advanced(by: .seconds(pick([11, 40, 100, 90_000])))
            case 6: now = now.advanced(by: .milliseconds(pick([-1, -2_000, -20_000])))
            default: moveToDeparture()
            }
        }

        /// To a moment at which a row leaves a window, or just before it.
        private mutating func moveToDeparture() {
            let window = pick(policy.windows)
            let coming = model.rows.map { $0.at.advanced(by: window.length) }.filter { $0 > now }
            guard !coming.isEmpty else { return }
            now = pick(coming).advanced(by: .microseconds(pick([0, 0, 0, -1])))
        }

        private mutating func pick<T>(_ choices: [T]) -> T {
            choices[Int.random(in: choices.indices, using: &generator)]
        }
    }
}
