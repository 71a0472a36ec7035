import HTTPTypes
import Logging
import NIOCore
import SluiceGateway
import SluiceTesting
import Synchronization

/// A proxy before a scripted upstream.
struct ProxyWorld: Sendable {
    static let key = "sk-of-the-upstream-0123456789"

    let upstream: ScriptedUpstream
    let proxy: GatewayProxy
    let ends = EndLog()
    var timeouts = UpstreamTimeouts()
    var onHangUp = HangUpPolicy.cancel

    @discardableResult
    static func run<Result: Sendable>(
        _ body: @Sendable (inout ProxyWorld) async throws -> Result
    ) async throws -> Result {
        try await ScriptedUpstream.withRunning(key: key) { upstream in
            let proxy = GatewayProxy(logger: Logger(label: "test"))
            var world = ProxyWorld(upstream: upstream, proxy: proxy)
            do {
                let result = try await body(&world)
                await proxy.shutdown()
                return result
            } catch {
                await proxy.shutdown()
                throw error
            }
        }
    }

    func target(_ kind: UpstreamKind, key: String = key) throws -> Upstream {
        try Upstream(
            name: "scripted", kind: kind, baseURL: upstream.url, apiKey: key, timeouts: timeouts, onHangUp: onHangUp)
    }

    func call(
        _ model: String, kind: EndpointKind = .chat, stream: Bool = true, headers: HTTPFields = [:], key: String = key
    ) throws -> ProxyCall {
        let body =
            #"{"model":"\#(model)","stream":\#(stream),"messages":[{"role":"user","content":"Why?"}],"input":"Why?"}"#
        let request = try GatewayRequest(kind: kind, body: Array(body.utf8)) { $0 }
        return ProxyCall(
            kind: kind, request: request, headers: headers, upstream: try target(kind.upstreamKind, key: key))
    }

    func forward(_ call: ProxyCall) async -> ProxyAnswer {
        await proxy.forward(call) { [ends] in ends.add($0) }
    }

    func response(_ call: ProxyCall) async throws -> ProxyResponse {
        switch await forward(call) {
        case .answered(let response): return response
        case .failed(let failure): throw failure
        }
    }
}

/// The ends that a proxy has told of.
final class EndLog: Sendable {
    private let ends = Mutex<[ProxyEnd]>([])
    private let told = Gate()

    var all: [ProxyEnd] { ends.withLock { $0 } }

    func add(_ end: ProxyEnd) {
        ends.withLock { $0.append(end) }
        told.open()
    }

    /// The next end, in time.
    func next() async throws -> ProxyEnd? {
        try await told.pass()
        return all.last
    }
}

extension ProxyBody {
    func collected() async throws -> String {
        var all = ByteBuffer()
        for try await chunk in self { all.writeImmutableBuffer(chunk) }
        return String(buffer: all)
    }
}
