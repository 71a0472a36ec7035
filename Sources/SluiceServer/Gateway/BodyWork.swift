import NIOCore

/// Where the work on a request's body is done: on its connection's event loop, unless the body is so long that the other connections
/// of the loop, and whatever else runs on it, would wait for it.
enum BodyWork {
    /// Bytes up to which the loop does it: that takes about a millisecond, and 20 MB take 100.
    static let longestOnLoop = 256 << 10

    static func run<Value: Sendable>(
        on body: ByteBuffer, _ work: @Sendable () throws -> Value
    ) async throws -> Value {
        guard body.readableBytes > longestOnLoop else { return try work() }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await elsewhere(work) }
    }

    @concurrent private static func elsewhere<Value: Sendable>(
        _ work: @Sendable () throws -> Value
    ) async throws -> Value {
        try work()
    }
}
