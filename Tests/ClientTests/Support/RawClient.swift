import NIOCore
import NIOPosix
import SluiceTesting

/// A client that goes away when it likes.
enum RawClient {
    /// Sends a request, reads until the condition holds for what came or all has come, and hangs up.
    ///
    /// - Returns: what it read.
    @discardableResult
    static func post(
        _ path: String, _ body: JSON, key: String, to replica: ReplicaProcess,
        until isEnough: @Sendable ([UInt8]) -> Bool
    ) async throws -> [UInt8] {
        let text = body.text
        let request =
            "POST \(path) HTTP/1.1\r\nhost: sluice\r\nauthorization: Bearer \(key)\r\nconnection: close\r\n"
            + "content-type: application/json\r\ncontent-length: \(text.utf8.count)\r\n\r\n\(text)"
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: replica.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var read: [UInt8] = []
            for try await bytes in inbound {
                read += bytes.readableBytesView
                if isEnough(read) { break }
            }
            return read
        }
    }

    static func chat(_ model: String) -> JSON {
        ["model": .string(model), "stream": true, "messages": [["role": "user", "content": "How many?"]]]
    }
}
