import Synchronization

/// A request that a ``ScriptedUpstream`` received, and what became of its answer.
public final class UpstreamExchange: Sendable {
    public enum End: Sendable {
        /// All of it was sent.
        case complete
        /// The other side closed the connection before.
        case cutOff
        /// The script broke it off.
        case brokenOff
    }

    public let method: String
    /// With the query.
    public let path: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]
    private let written = Atomic(0)
    private let end = Mutex<End?>(nil)
    private let ended = Gate()

    init(method: String, path: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }

    /// Bytes of the answer that went into the connection's buffers.
    public var bytesWritten: Int { written.load(ordering: .relaxed) }
    /// `nil` while the answer is being sent.
    public var ending: End? { end.withLock { $0 } }
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The values of a header field, its name in any case.
    public func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// How the answer ended, in time.
    public func finished() async throws -> End? {
        try await ended.pass()
        return ending
    }

    func wrote(_ count: Int) { written.add(count, ordering: .relaxed) }

    func finish(_ end: End) {
        self.end.withLock { $0 = $0 ?? end }
        ended.openForGood()
    }
}
