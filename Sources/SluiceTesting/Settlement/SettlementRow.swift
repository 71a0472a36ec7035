public import SluiceCore

/// What the contract says of a settlement's row.
public struct SettlementRow: Hashable, Sendable {
    public let usage: SettlementDifference
    /// In nano-USD.
    public let cost: Int64?
    public let basis: Settlement.Basis
    public let isCorrection: Bool

    public init(usage: SettlementDifference, cost: Int64?, basis: Settlement.Basis, isCorrection: Bool) {
        self.usage = usage
        self.cost = cost
        self.basis = basis
        self.isCorrection = isCorrection
    }
}

/// Tokens of a row: a usage, or the difference of two, which may be negative.
public struct SettlementDifference: Hashable, Sendable {
    public let input: Int64
    public let cached: Int64
    public let cacheWrite: Int64
    public let output: Int64
    public let reasoning: Int64

    public init(input: Int64, cached: Int64 = 0, cacheWrite: Int64 = 0, output: Int64 = 0, reasoning: Int64 = 0) {
        self.input = input
        self.cached = cached
        self.cacheWrite = cacheWrite
        self.output = output
        self.reasoning = reasoning
    }

    init(_ usage: TokenUsage) {
        self.init(
            input: usage.input, cached: usage.cached, cacheWrite: usage.cacheWrite, output: usage.output,
            reasoning: usage.reasoning)
    }

    static func - (left: SettlementDifference, right: SettlementDifference) -> SettlementDifference {
        SettlementDifference(
            input: left.input - right.input, cached: left.cached - right.cached,
            cacheWrite: left.cacheWrite - right.cacheWrite, output: left.output - right.output,
            reasoning: left.reasoning - right.reasoning)
    }
}
