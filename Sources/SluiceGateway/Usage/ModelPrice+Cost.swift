import SluiceCore

extension ModelPrice {
    private static let tokensPerPrice: Int128 = 1_000_000

    /// The price of `model` among `prices`: that of its whole name, else that of its longest beginning.
    static func of(_ model: String, in prices: [ModelPrice]) -> ModelPrice? {
        prices.first { $0.model == model }
            ?? prices.filter { $0.model.hasSuffix("*") && model.hasPrefix($0.model.dropLast()) }
            .max { $0.model.utf8.count < $1.model.utf8.count }
    }

    /// What `reservation` costs at most, in nano-USD, rounded up: all of the prompt may go into the cache.
    func cost(of reservation: Reservation) -> Int64 {
        let input = Int128(reservation.inputTokens) * Int128(max(self.input, cacheWrite))
        let output = Int128(reservation.outputTokens) * Int128(self.output)
        let cost = (input + output + Self.tokensPerPrice - 1) / Self.tokensPerPrice
        return Int64(min(max(0, cost), Int128(Reservation.maximum)))
    }
}
