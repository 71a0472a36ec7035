import SluiceCore
import Synchronization
import Testing

@testable import SluiceServer

@Suite struct PriceBookTests {
    private final class Source: PriceSource {
        let answers: Mutex<[Result<[ModelPrice], StoreError>]>

        init(_ answers: [Result<[ModelPrice], StoreError>]) { self.answers = Mutex(answers) }

        func prices(deadline: ContinuousClock.Instant) async throws(StoreError) -> [ModelPrice] {
            try answers.withLock { $0.removeFirst() }.get()
        }
    }

    @Test func keepsWhatItHeardWhileNobodyAnswers() async {
        let prices = [ModelPrice(id: 1, model: "m*", input: 1, cached: 2, cacheWrite: 3, output: 4)]
        let book = PriceBook(
            source: Source([.success(prices), .failure(StoreError(.unavailable, "away")), .success([])]))
        #expect(book.prices.isEmpty)
        for expected in [prices, prices, []] {
            await book.refresh()
            #expect(book.prices == expected)
        }
    }
}
