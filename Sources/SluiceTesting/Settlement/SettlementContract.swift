import SluiceCore

/// What every ``SettlementLedger`` does, as scenarios that run against any of them.
public enum SettlementContract {
    public static let scenarios: [SettlementScenario] = [
        SettlementScenario("each call is settled once", settledOnce),
        SettlementScenario("several of one call are one: the first", firstOfMany),
        SettlementScenario("outcomes come in the order of the settlements", order),
        SettlementScenario("a call is found by its id", foundByID),
        SettlementScenario("a call that is not there, or somebody else's, is told", noCall),
        SettlementScenario("a busy user holds up nobody else", busyUser),
        SettlementScenario("what comes after the call expired corrects it", corrected),
        SettlementScenario("what a caller reports gives way to what the gateway knows, whichever is first", reported),
        SettlementScenario("a call that was settled does not expire", expiredLate),
        SettlementScenario("the cost is by the kinds of tokens, rounded half up", cost),
        SettlementScenario("the whole name of a model counts before the longest beginning", nearestPrice),
        SettlementScenario("without a price there is no cost", noPrice),
    ]

    private static func settledOnce(_ world: SettlementWorld) async throws {
        let settlement = try await world.admitted(TokenUsage(input: 100, cached: 40, output: 20, reasoning: 5))
        try await world.settle([settlement], [.settled(cost: nil)])
        try await world.settle([settlement], [.known])
        let other = try world.settlement(of: settlement, TokenUsage(input: 1))
        try await world.settle([other], [.known])
        let usage = SettlementDifference(input: 100, cached: 40, output: 20, reasoning: 5)
        try await world.expectRows(
            of: settlement, [SettlementRow(usage: usage, cost: nil, basis: .measured, isCorrection: false)])
    }

    private static func firstOfMany(_ world: SettlementWorld) async throws {
        let first = try await world.admitted(TokenUsage(input: 7))
        let second = try world.settlement(of: first, TokenUsage(input: 8))
        try await world.settle([first, second, first], [.settled(cost: nil), .known, .known])
        try expect(try await world.rows(of: first).map(\.usage.input), [7], "tokens")
    }

    private static func order(_ world: SettlementWorld) async throws {
        var settlements: [Settlement] = []
        for index in 0..<20 as Range<Int64> { settlements.append(try await world.admitted(TokenUsage(input: index))) }
        let known = settlements.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        try await world.settle(known, known.map { _ in .settled(cost: nil) })
        try await world.settle(
            settlements, settlements.indices.map { $0 % 3 == 0 ? .known : .settled(cost: nil) })
    }

    private static func foundByID(_ world: SettlementWorld) async throws {
        let settlement = try await world.admitted(TokenUsage(input: 3))
        let byID = try world.settlement(of: settlement, TokenUsage(input: 3), isAdmissionKnown: false)
        try await world.settle([byID], [.settled(cost: nil)])
        try await world.settle([settlement], [.known])
    }

    private static func noCall(_ world: SettlementWorld) async throws {
        let settlement = try await world.admitted(TokenUsage(input: 3))
        let unknown = try Settlement(
            user: settlement.user, callID: .fresh(), admittedAt: nil, model: nil, usage: .zero, basis: .measured)
        let foreign = try Settlement(
            user: .fresh(), callID: settlement.callID, admittedAt: nil, model: nil, usage: .zero, basis: .measured)
        try await world.settle([unknown, settlement, foreign], [.noCall, .settled(cost: nil), .noCall])
    }

    private static func busyUser(_ world: SettlementWorld) async throws {
        let busy = try await world.admitted(TokenUsage(input: 1))
        let free = try await world.admitted(TokenUsage(input: 2))
        try await world.harness.whileBusy(busy.user) {
            try await world.settle([busy, free], [.busy, .settled(cost: nil)])
        }
        try await world.settle([busy, free], [.settled(cost: nil), .known])
    }

    private static func corrected(_ world: SettlementWorld) async throws {
        try await world.harness.setPrice(.test(world.model, input: 2_000_000, output: 4_000_000))
        let expired = try await world.admitted(TokenUsage(input: 100, output: 50), basis: .expired)
        try await world.settle([expired], [.settled(cost: 400)])
        let real = try world.settlement(of: expired, TokenUsage(input: 80, cached: 30, output: 70))
        try await world.settle([real], [.corrected(cost: 440)])
        try await world.settle([real, expired], [.known, .known])
        try await world.expectRows(
            of: real,
            [
                SettlementRow(
                    usage: .init(input: 100, output: 50), cost: 400, basis: .expired, isCorrection: false),
                SettlementRow(
                    usage: .init(input: -20, cached: 30, output: 20), cost: 40, basis: .measured, isCorrection: true),
            ])
    }

    /// Who made a call cannot settle it for less than the gateway saw, neither before nor after.
    private static func reported(_ world: SettlementWorld) async throws {
        let reported = try await world.admitted(.zero, basis: .reported)
        let expired = try world.settlement(of: reported, TokenUsage(input: 100, output: 50), basis: .expired)
        let real = try world.settlement(of: reported, TokenUsage(input: 80, output: 70))
        try await world.settle([reported], [.settled(cost: nil)])
        try await world.settle([reported], [.known])
        try await world.settle([expired], [.corrected(cost: nil)])
        try await world.settle([reported], [.known])
        try await world.settle([real], [.corrected(cost: nil)])
        for late in [reported, expired, real] { try await world.settle([late], [.known]) }
        try await world.expectRows(
            of: real,
            [
                SettlementRow(usage: .init(input: 0, output: 0), cost: nil, basis: .reported, isCorrection: false),
                SettlementRow(usage: .init(input: 100, output: 50), cost: nil, basis: .expired, isCorrection: true),
                SettlementRow(usage: .init(input: -20, output: 20), cost: nil, basis: .measured, isCorrection: true),
            ])
    }

    private static func expiredLate(_ world: SettlementWorld) async throws {
        let settlement = try await world.admitted(TokenUsage(input: 100))
        let expired = try world.settlement(of: settlement, TokenUsage(input: 500), basis: .expired)
        try await world.settle([settlement], [.settled(cost: nil)])
        try await world.settle([expired], [.known])
        try expect(try await world.rows(of: settlement).count, 1, "rows")
    }

    private static func cost(_ world: SettlementWorld) async throws {
        let price = ModelPrice(
            id: 0, model: world.model, input: 2_500_000_000, cached: 1_250_000_000, cacheWrite: 3_125_000_000,
            output: 10_000_000_001)
        try await world.harness.setPrice(price)
        // 50 · 2,500 + 40 · 1,250 + 10 · 3,125 + 7 · 10,000.000001
        let usage = TokenUsage(input: 100, cached: 40, cacheWrite: 10, output: 7, reasoning: 7)
        try await world.settle([try await world.admitted(usage)], [.settled(cost: 276_250)])
        // 500,000 · 10,000.000001 is half a nano-USD above a whole number.
        try await world.settle(
            [try await world.admitted(TokenUsage(input: 0, output: 500_000))], [.settled(cost: 5_000_000_001)])
    }

    private static func nearestPrice(_ world: SettlementWorld) async throws {
        let start = world.model
        for (name, price) in [("\(start)*", 1), ("\(start)-mini*", 2), ("\(start)-mini", 3)] as [(String, Int64)] {
            try await world.harness.setPrice(.test(name, input: price * 1_000_000, output: 0))
        }
        for (name, cost) in [(start, 10), ("\(start)-max", 10), ("\(start)-mini-2", 20), ("\(start)-mini", 30)] {
            let settlement = try await world.admitted(TokenUsage(input: 10), model: name)
            try await world.settle([settlement], [.settled(cost: Int64(cost))])
        }
    }

    private static func noPrice(_ world: SettlementWorld) async throws {
        let settlement = try await world.admitted(TokenUsage(input: 10), model: .some(nil))
        try await world.settle([settlement], [.settled(cost: nil)])
        try expect(try await world.rows(of: settlement).map(\.cost), [nil], "cost")
    }
}

/// One thing that a ledger of settlements must do.
public struct SettlementScenario: Sendable, CustomStringConvertible {
    public let description: String
    private let body: @Sendable (SettlementWorld) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (SettlementWorld) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// - Throws: ``ContractViolation`` saying what was expected and what came, or what the ledger or the harness threw.
    public func run(on harness: any SettlementHarness) async throws {
        do {
            try await body(SettlementWorld(harness: harness))
        } catch let violation as ContractViolation {
            throw ContractViolation("\(description): \(violation)")
        }
    }
}

extension ModelPrice {
    fileprivate static func test(_ model: String, input: Int64, output: Int64) -> ModelPrice {
        ModelPrice(id: 0, model: model, input: input, cached: input, cacheWrite: input, output: output)
    }
}
