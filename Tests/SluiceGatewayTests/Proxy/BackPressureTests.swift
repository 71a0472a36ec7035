import NIOCore
import SluiceGateway
import SluiceTesting
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BackPressureTests {
    /// Two connections' socket buffers at the kernel's usual most, and what the proxy and NIO hold.
    private static let bound = 24 << 20

    @Test func anUpstreamWaitsForASlowClient() async throws {
        try await ProxyWorld.run { world in
            let size = 65_536
            let response = try await world.response(world.call("scripted-chunks500-big\(size)", kind: .messages))
            var pieces = response.body.makeAsyncIterator()
            var received = try #require(try await pieces.next()).readableBytes
            // Without back-pressure the proxy would read all of it meanwhile.
            for _ in 0..<10 { _ = try await world.response(world.call("scripted-chunks200")).body.collected() }
            let exchange = try await world.upstream.exchange(0)
            #expect(exchange.ending == nil)
            #expect(exchange.bytesWritten - received < Self.bound)
            var most = 0
            while let more = try await pieces.next() {
                received += more.readableBytes
                most = max(most, exchange.bytesWritten - received)
            }
            #expect(most < Self.bound)
            #expect(received > 500 * size)
            #expect(try await exchange.finished() == .complete)
        }
    }
}
