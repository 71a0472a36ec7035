import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A provider of language models on this machine: real HTTP, and answers that are known beforehand.
///
/// It serves OpenAI's `/v1/chat/completions`, `/v1/responses`, `/v1/embeddings`, `/v1/models`, and Anthropic's `/v1/messages` and
/// `/v1/models`, whole and as streams, as the providers do and their SDKs expect. The model's name says how: see
/// `UpstreamScript`.
public final class ScriptedUpstream: Sendable {
    private struct Shared {
        var count = 0
        var connections = 0
        var exchanges: [UpstreamExchange] = []
        var waiting: [(index: Int, arrived: Gate)] = []
    }

    public let port: Int
    /// Where answers of models with `gate` in their names wait.
    public let gate = Gate()
    private let key: String?
    private let keeps: Int
    private let shared = Mutex(Shared())

    private init(port: Int, key: String?, keeps: Int) {
        self.port = port
        self.key = key
        self.keeps = keeps
    }

    /// Runs one for as long as `body` does.
    ///
    /// - Parameters:
    ///   - port: of 127.0.0.1; 0 takes a free one.
    ///   - key: the only API key that is let in; `nil` lets everyone in.
    ///   - keeps: how many requests are kept for ``exchange(_:)``, the first ones; all are counted.
    public static func withRunning<Result: Sendable>(
        port: Int = 0, key: String? = nil, keeps: Int = 10_000,
        _ body: @Sendable (ScriptedUpstream) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
                    try channel.pipeline.syncOperations.addHandler(decoder)
                    return try NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let upstream = ScriptedUpstream(port: listener.channel.localAddress?.port ?? 0, key: key, keeps: keeps)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await upstream.serve(listener) }
            defer { group.cancelAll() }
            return try await body(upstream)
        }
    }

    /// Without a path.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// How many requests have arrived.
    public var count: Int { shared.withLock { $0.count } }

    /// How many connections have been made.
    public var connections: Int { shared.withLock { $0.connections } }

    /// The request with that number, counted from 0, when it has arrived.
    public func exchange(_ index: Int) async throws -> UpstreamExchange {
        let arrived = Gate()
        let isThere = shared.withLock { shared in
            if index >= shared.exchanges.count { shared.waiting.append((index, arrived)) }
            return index < shared.exchanges.count
        }
        if !isThere { try await arrived.pass() }
        return shared.withLock { $0.exchanges[index] }
    }

    func received(_ exchange: UpstreamExchange) {
        let arrived = shared.withLock { shared -> [Gate] in
            shared.count += 1
            if shared.exchanges.count < keeps { shared.exchanges.append(exchange) }
            defer { shared.waiting.removeAll { $0.index < shared.exchanges.count } }
            return shared.waiting.filter { $0.index < shared.exchanges.count }.map(\.arrived)
        }
        for gate in arrived { gate.openForGood() }
    }

    func plan(_ exchange: UpstreamExchange, _ question: UpstreamQuestion) -> UpstreamPlan {
        let path = exchange.path.prefix { $0 != "?" }
        let isAnthropic = path == "/v1/messages" || !exchange.values("anthropic-version").isEmpty
        let error = isAnthropic ? AnthropicWire.error : OpenAIWire.error
        let credential = (exchange.values("x-api-key") + exchange.values("authorization")).joined(separator: " ")
        guard key.map(credential.hasSuffix) ?? true else { return error(401, "Incorrect API key provided.") }
        if let status = question.script.status {
            var plan = error(status, question.script.has("echo") ? "Not with \(credential)" : "Scripted")
            plan.headers += [("retry-after", "7"), ("retry-after-ms", "6500"), ("x-should-retry", "true")]
            return plan
        }
        if question.script.has("redirect") {
            var plan = error(307, "Elsewhere")
            plan.headers.append(("location", "\(url)/elsewhere"))
            return plan
        }
        switch path {
        case "/v1/chat/completions": return OpenAIWire.chat(question)
        case "/v1/responses": return ResponsesWire.answer(question)
        case "/v1/embeddings": return OpenAIWire.embeddings(question)
        case "/v1/messages": return AnthropicWire.messages(question)
        case _ where path.hasPrefix("/v1/models"):
            let id = path.dropFirst("/v1/models/".count)
            return (isAnthropic ? AnthropicWire.models : OpenAIWire.models)(id.isEmpty ? nil : String(id))
        default: return error(404, "There is no such path.")
        }
    }

    private func serve(_ listener: NIOAsyncChannel<NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>, Never>)
        async throws
    {
        try await listener.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await channel in inbound {
                    shared.withLock { $0.connections += 1 }
                    group.addTask { try? await UpstreamConnection(upstream: self, channel: channel).run() }
                }
            }
        }
    }
}
