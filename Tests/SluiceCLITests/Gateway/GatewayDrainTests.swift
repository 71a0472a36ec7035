import HTTPTypes
import Logging
import ServiceLifecycle
import SluiceGateway
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceCLI

@Suite("The end of calls to models at shutdown", .timeLimit(.minutes(10)))
struct GatewayDrainTests {
    /// Stands for the HTTP service, which stops when its last answer has ended.
    private final class Answering: Service {
        private let proxy: GatewayProxy
        private let call: ProxyCall
        private let isSettled = Atomic(false)

        init(proxy: GatewayProxy, call: ProxyCall) {
            self.proxy = proxy
            self.call = call
        }

        var hasSettled: Bool { isSettled.load(ordering: .acquiring) }

        func run() async throws {
            let answer = await proxy.forward(call) { _ in self.isSettled.store(true, ordering: .releasing) }
            if case .answered(let response) = answer {
                await #expect(throws: ProxyFailure.shutDown) {
                    for try await _ in response.body {}
                }
            }
            try? await gracefulShutdown()
        }
    }

    @Test("Long answers are ended while the HTTP service waits for them: so they are settled in time")
    func longAnswer() async throws {
        try await ScriptedUpstream.withRunning { upstream in
            let logger = Logger(label: "test")
            let proxy = GatewayProxy(logger: logger)
            let body = Array(#"{"model":"scripted-hang1","stream":true,"messages":[]}"#.utf8)
            let call = ProxyCall(
                kind: .chat, request: try GatewayRequest(kind: .chat, body: body) { $0 }, headers: [:],
                upstream: try Upstream(name: "scripted", kind: .openAI, baseURL: upstream.url))
            let answering = Answering(proxy: proxy, call: call)
            let drain = GatewayDrain(proxy: proxy, patience: .milliseconds(1))
            let services: [any Service] = [drain, answering, drain.bell]
            let group = ServiceGroup(services: services, logger: logger)
            let running = Task { try await group.run() }
            let exchange = try await upstream.exchange(0)
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(try await exchange.finished() == .cutOff)
            #expect(answering.hasSettled)
        }
    }
}
