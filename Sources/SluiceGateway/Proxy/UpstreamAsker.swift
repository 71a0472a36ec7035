import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends questions to upstreams.
///
/// Each event loop has a client of its own, whose connections are that loop's: so a call that is served on a loop neither waits
/// for another thread nor wakes one.
final class UpstreamAsker: Sendable {
    private let group: any EventLoopGroup
    private let clients: [ObjectIdentifier: HTTPClient]
    /// The requests for models' endpoints, which are few, without what differs from call to call: taking a URL apart takes
    /// longer than sending it.
    private let prepared = Mutex<[String: HTTPClient.Request]>([:])

    init(_ configuration: HTTPClient.Configuration) {
        group = HTTPClient.defaultEventLoopGroup
        let clients = group.makeIterator().map { loop in
            (ObjectIdentifier(loop), HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration))
        }
        self.clients = Dictionary(uniqueKeysWithValues: clients)
    }

    /// The current one; any where the task runs on none.
    var loop: any EventLoop { group.any() }

    /// - Parameter loop: where the connection is, and where the answer is read best.
    /// - Throws: `HTTPClientError` where the URL is none.
    func ask(_ call: ProxyCall, on loop: any EventLoop) throws -> UpstreamReply {
        guard let client = clients[ObjectIdentifier(loop)] else { throw ProxyFailure.unreachable }
        let reply = UpstreamReply()
        let task = client.execute(
            request: try request(call), delegate: reply, eventLoop: .indifferent, logger: nil)
        reply.began(task)
        return reply
    }

    /// Closes all connections. Called once, last.
    func shutdown() async throws {
        for client in clients.values { try await client.shutdown() }
    }

    private func request(_ call: ProxyCall) throws -> HTTPClient.Request {
        let headers = UpstreamHeaders.make(for: call)
        guard case .call(_, let question) = call.question else {
            return try HTTPClient.Request(url: call.url, headers: headers)
        }
        var request = try endpoint(call.url)
        request.headers = headers
        request.body = .byteBuffer(ByteBuffer(bytes: question.body))
        return request
    }

    private func endpoint(_ url: String) throws -> HTTPClient.Request {
        try prepared.withLock { prepared in
            if let request = prepared[url] { return request }
            let request = try HTTPClient.Request(url: url, method: .POST)
            prepared[url] = request
            return request
        }
    }
}
