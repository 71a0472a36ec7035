/// What a model is to cost from now on, in nano-USD per million tokens; nothing negative.
public struct NewPrice: Hashable, Sendable {
    /// The model's name, or the beginning of it with `*` after it.
    public let model: String
    public let input: Int64
    public let cached: Int64
    public let cacheWrite: Int64
    public let output: Int64

    /// - Parameters:
    ///   - cached: of tokens that are read from the provider's cache; as ``input`` where it is not given.
    ///   - cacheWrite: of tokens that are written to it, likewise.
    public init(model: String, input: Int64, cached: Int64? = nil, cacheWrite: Int64? = nil, output: Int64) {
        self.model = model
        self.input = input
        self.cached = cached ?? input
        self.cacheWrite = cacheWrite ?? input
        self.output = output
    }
}
