/// A model that made-up calls ask, and what they typically take.
public struct FillModel: Hashable, Sendable {
    public let name: String
    /// How often it is asked, beside the shares of the others.
    public let share: Double
    /// In nano-USD per million tokens; `nil` for a model without a price.
    public let price: Price?
    /// Tokens of a question and of an answer.
    public let medianInput: Double
    public let medianOutput: Double
    /// How long an answer takes, in milliseconds.
    public let medianMilliseconds: Double
    /// Part of the answer that is not shown.
    public let reasoning: Double

    /// As in `sluice.prices`.
    public struct Price: Hashable, Sendable {
        public let input: Int64
        public let cached: Int64
        public let cacheWrite: Int64
        public let output: Int64
    }

    /// What a company might use, one without a price among them.
    public static let usual = [
        FillModel("gpt-5-mini", 0.46, .cents(25, 2.5, 200), 900, 250, 2_500, reasoning: 0.3),
        FillModel("claude-sonnet-4-5", 0.27, .cents(300, 30, 1_500, write: 375), 2_600, 420, 6_000),
        FillModel("gpt-5", 0.12, .cents(125, 12.5, 1_000), 1_800, 700, 11_000, reasoning: 0.6),
        FillModel("gemini-2.5-flash", 0.1, .cents(30, 3, 250), 1_500, 300, 1_800),
        FillModel("llama-3.3-70b-local", 0.05, nil, 700, 200, 4_000),
    ]

    /// A model of which only the name is known is like the usual one in the same place.
    public static func named(_ names: [String]) -> [FillModel] {
        names.enumerated().map { index, name in
            let like = usual[index % usual.count]
            return FillModel(
                name, like.share, like.price, like.medianInput, like.medianOutput, like.medianMilliseconds,
                reasoning: like.reasoning)
        }
    }

    private init(
        _ name: String, _ share: Double, _ price: Price?, _ medianInput: Double, _ medianOutput: Double,
        _ medianMilliseconds: Double, reasoning: Double = 0
    ) {
        self.name = name
        self.share = share
        self.price = price
        self.medianInput = medianInput
        self.medianOutput = medianOutput
        self.medianMilliseconds = medianMilliseconds
        self.reasoning = reasoning
    }
}

extension FillModel.Price {
    /// What the tokens cost in nano-USD, rounded half up, as the ledger rounds.
    func cost(input: Int64, cached: Int64, cacheWrite: Int64, output: Int64) -> Int64 {
        let plain = (input - cached - cacheWrite) * self.input
        let parts = plain + cached * self.cached + cacheWrite * self.cacheWrite + output * self.output
        return (parts + 500_000) / 1_000_000
    }

    /// In US cents per million tokens.
    fileprivate static func cents(_ input: Double, _ cached: Double, _ output: Double, write: Double? = nil) -> Self {
        func nano(_ cents: Double) -> Int64 { Int64((cents * 10_000_000).rounded()) }
        return Self(input: nano(input), cached: nano(cached), cacheWrite: nano(write ?? input), output: nano(output))
    }
}
