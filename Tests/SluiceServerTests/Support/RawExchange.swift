import NIOCore
import NIOPosix

/// Bytes to a port of the loopback and back, past everything that a client library would put right.
enum RawExchange {
    /// Sends bytes and reads until the other side closes.
    static func send(_ request: String, port: Int) async throws -> String {
        try await send(Array(request.utf8), port: port)
    }

    static func send(_ request: [UInt8], port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var answer = ByteBuffer()
            do {
                try await outbound.write(ByteBuffer(bytes: request))
                for try await bytes in inbound { answer.writeImmutableBuffer(bytes) }
            } catch  where error is IOError || error is ChannelError {
                // The other side closed before it had read, or we had sent, everything.
            }
            return String(buffer: answer)
        }
    }
}
