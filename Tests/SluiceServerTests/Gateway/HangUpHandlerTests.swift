import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import SluiceServer

@Suite struct HangUpHandlerTests {
    private final class Times: Sendable {
        private let times = Mutex(0)
        var count: Int { times.withLock { $0 } }
        func happen() { times.withLock { $0 += 1 } }
    }

    private let channel = EmbeddedChannel(handler: HangUpHandler())

    @Test func tellsOfAClosedConnectionOnce() throws {
        let times = Times()
        let connection = try #require(HangUpHandler.Connection.of(channel))
        connection.whenHungUp { times.happen() }
        #expect(times.count == 0)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
        #expect(times.count == 0, "that is this side's")
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(times.count == 1)
        _ = try channel.finish()
        #expect(times.count == 1)
    }

    @Test func tellsAtOnceOfOneThatHasGone() throws {
        let connection = try #require(HangUpHandler.Connection.of(channel))
        _ = try channel.finish()
        let times = Times()
        connection.whenHungUp { times.happen() }
        #expect(times.count == 1)
        #expect(HangUpHandler.Connection.of(channel) == nil, "nothing is kept of a connection that is over")
    }

    @Test func theLastActionCounts() throws {
        let (first, second) = (Times(), Times())
        let connection = try #require(HangUpHandler.Connection.of(channel))
        connection.whenHungUp { first.happen() }
        connection.whenHungUp { second.happen() }
        _ = try channel.finish()
        #expect(first.count == 0 && second.count == 1)
    }
}
