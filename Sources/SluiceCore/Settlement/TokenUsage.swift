/// What a call took, in tokens by kind.
public struct TokenUsage: Hashable, Sendable {
    /// Of the prompt, those from and into the provider's cache included.
    public let input: Int64
    /// Part of ``input`` that was read from the provider's cache.
    public let cached: Int64
    /// Part of ``input`` that was written to the provider's cache.
    public let cacheWrite: Int64
    /// Of the answer, those of reasoning included.
    public let output: Int64
    /// Part of ``output`` that the model thought and did not show.
    public let reasoning: Int64

    public static let zero = TokenUsage(input: 0)

    /// Everything is moved into `0 … Reservation.maximum`, and parts to at most their whole: what a provider reports is taken
    /// down, never refused.
    public init(input: Int64, cached: Int64 = 0, cacheWrite: Int64 = 0, output: Int64 = 0, reasoning: Int64 = 0) {
        func clamp(_ tokens: Int64, to most: Int64 = Reservation.maximum) -> Int64 { min(max(0, tokens), most) }
        self.input = clamp(input)
        self.cached = clamp(cached, to: self.input)
        self.cacheWrite = clamp(cacheWrite, to: self.input - self.cached)
        self.output = clamp(output)
        self.reasoning = clamp(reasoning, to: self.output)
    }
}
