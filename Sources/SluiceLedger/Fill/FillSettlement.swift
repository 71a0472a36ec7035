/// A settlement that is to come: what a call will have taken.
struct FillSettlement {
    /// Places in the generator's lists.
    let user: Int32
    let model: Int32
    let replica: Int32
    let call: (UInt64, UInt64)
    /// Microseconds since 1970.
    let admittedAt: Int64
    var tokens: FillTokens
    var cost: Int64?
    var basis: StaticString
    var status: Int16?
    var milliseconds: Int64?
    var isCorrection = false
    /// What the provider reports after all, once the call's lease has ended without it.
    var late: FillTokens?
}

/// Tokens of a call by kind, as in `sluice.settlements`.
struct FillTokens {
    var input: Int64 = 0
    var cached: Int64 = 0
    var cacheWrite: Int64 = 0
    var output: Int64 = 0
    var reasoning: Int64 = 0

    static func - (left: FillTokens, right: FillTokens) -> FillTokens {
        FillTokens(
            input: left.input - right.input, cached: left.cached - right.cached,
            cacheWrite: left.cacheWrite - right.cacheWrite, output: left.output - right.output,
            reasoning: left.reasoning - right.reasoning)
    }

    /// In nano-USD; `nil` without a price.
    func cost(_ price: FillModel.Price?) -> Int64? {
        price?.cost(input: input, cached: cached, cacheWrite: cacheWrite, output: output)
    }
}
