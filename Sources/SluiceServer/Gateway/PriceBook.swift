import ServiceLifecycle
package import SluiceCore
import Synchronization

/// The prices of the moment, for estimates: asked for now and then, so that no call waits for them.
package final class PriceBook: Service {
    private let source: any PriceSource
    private let pause: Duration
    private let known = Mutex<[ModelPrice]>([])

    /// - Parameter pause: between two questions.
    package init(source: any PriceSource, pause: Duration = .seconds(30)) {
        self.source = source
        self.pause = pause
    }

    /// As last heard; empty before that.
    var prices: [ModelPrice] { known.withLock { $0 } }

    /// Without the database the last answer stays.
    func refresh() async {
        if let prices = try? await source.prices(deadline: .now + .seconds(5)) { known.withLock { $0 = prices } }
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.refresh()
                try? await Task.sleep(for: self.pause)
            }
        }
    }
}
