import NIOCore
import NIOEmbedded
import Testing

@testable import SluiceGateway

@Suite struct FlushGathererTests {
    private let channel = EmbeddedChannel(handler: FlushGatherer())

    private func sent() throws -> [String] {
        var parts: [String] = []
        while let part = try channel.readOutbound(as: ByteBuffer.self) { parts.append(String(buffer: part)) }
        return parts
    }

    @Test func sendsTogetherWhatIsWrittenTogether() throws {
        channel.writeAndFlush(ByteBuffer(string: "head"), promise: nil)
        channel.writeAndFlush(ByteBuffer(string: "body"), promise: nil)
        #expect(try sent() == [])
        channel.embeddedEventLoop.run()
        #expect(try sent() == ["head", "body"])
        channel.writeAndFlush(ByteBuffer(string: "more"), promise: nil)
        channel.embeddedEventLoop.run()
        #expect(try sent() == ["more"])
    }

    @Test func sendsBeforeItCloses() throws {
        channel.writeAndFlush(ByteBuffer(string: "last"), promise: nil)
        channel.close(promise: nil)
        #expect(try sent() == ["last"])
    }
}
