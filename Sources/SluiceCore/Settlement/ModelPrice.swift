/// What a model's tokens cost, for a time.
public struct ModelPrice: Hashable, Sendable {
    public let id: Int32
    /// The model's name, or the beginning of it with `*` after it. The longest that matches counts, a whole name before a beginning.
    public let model: String
    /// Nano-USD per million tokens: so is a price of $0.0375 per million a whole number.
    public let input: Int64
    public let cached: Int64
    public let cacheWrite: Int64
    public let output: Int64

    public init(id: Int32, model: String, input: Int64, cached: Int64, cacheWrite: Int64, output: Int64) {
        self.id = id
        self.model = model
        self.input = input
        self.cached = cached
        self.cacheWrite = cacheWrite
        self.output = output
    }
}

/// Where the prices of this moment are to be had, for estimates.
public protocol PriceSource: Sendable {
    func prices(deadline: ContinuousClock.Instant) async throws(StoreError) -> [ModelPrice]
}
