import HTTPTypes
import Hummingbird
import HummingbirdSluice
import HummingbirdTesting
import Logging
import NIOCore
import ServiceLifecycle
import SluiceCore
import Testing

@testable import SluiceServer

/// Over a real socket on the loopback.
@Suite struct LiveTests {
    @Test func answersOverASocket() async throws {
        let service = try TestService()
        try await service.application.test(.live) { client in
            for _ in 0..<3 {
                let response = try await client.execute(
                    uri: "/v1/admit", method: .post, headers: [.authorization: "Bearer \(Sample.key)"],
                    body: ByteBuffer(string: #"{"user":"\#(Sample.user)"}"#))
                #expect(response.status == .ok)
                #expect(response.headers[.contentLength] == "\(response.body.readableBytes)")
            }
            // The connection goes on after an error, a body that was not wanted, and a HEAD.
            let large = ByteBuffer(repeating: 0x20, count: 100_000)
            let refused = try await client.execute(
                uri: "/v1/admit", method: .post, headers: [.authorization: "Bearer \(Sample.key)"], body: large)
            #expect(refused.status == .contentTooLarge)
            #expect(try await client.execute(uri: "/nothing", method: .head).status == .notFound)
            #expect(try await client.execute(uri: "/healthz", method: .get).status == .ok)
        }
    }

    /// Row F6: what is under way is finished, `/readyz` says that the end is near, and then the service ends.
    @Test func finishesWhatIsUnderWayAtShutdown() async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        // The limiter answers when the shutdown has begun, and not before.
        let limiter = ScriptedLimiter(admit: { call, policy in
            arrival.yield()
            try? await gracefulShutdown()
            return .admitted(Sample.admission(of: call, under: policy))
        })
        let probe = ProbeAtShutdown(arrival: arrival)
        let service = try TestService(limiter: limiter, probe: probe, onListening: { port.yield($0 ?? 0) })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [service.application], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let listening = try #require(await ports.first { _ in true })
            async let admitted = request(listening) { client in
                try await client.post(
                    "/v1/admit", headers: [.authorization: "Bearer \(Sample.key)"],
                    body: ByteBuffer(string: #"{"user":"\#(Sample.user)"}"#))
            }
            async let ready = request(listening) { try await $0.get("/readyz") }
            var arrived = arrivals.makeAsyncIterator()
            _ = await arrived.next()
            _ = await arrived.next()
            await group.triggerGracefulShutdown()
            #expect(try await admitted.status == .ok)
            let answer = try await ready
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.body.map { String(buffer: $0) }?.contains("the replica is stopping") == true)
            try await tasks.waitForAll()
        }
    }

    /// A body that drips in for too long ends the connection, or it could drip in forever.
    @Test(.timeLimit(.minutes(10))) func aSlowBodyEndsTheConnection() async throws {
        let service = try TestService(configure: { $0.bodyTimeout = .nanoseconds(-1) })
        let answer = try await service.application.test(.live) { client in
            let port = try #require(client.port)
            // Two chunks of a body that never ends: they arrive as two, even in one packet.
            let request =
                "POST /v1/admit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Sample.key)\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n"
            return try await RawExchange.send(request, port: port)
        }
        #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(answer.contains("\"status\":408"))
    }

    /// So does a head that never comes to its end.
    @Test(.timeLimit(.minutes(10))) func aSlowHeadEndsTheConnection() async throws {
        let service = try TestService(configure: { $0.idleTimeout = .milliseconds(200) })
        let answer = try await service.application.test(.live) { client in
            try await RawExchange.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", port: #require(client.port))
        }
        #expect(answer.isEmpty)
    }

    /// What parses as HTTP no longer is the connection's business, not a fault of ours.
    @Test func aBrokenBodyIsABadRequest() async throws {
        let lines = LineRecorder.Lines()
        let service = try TestService(logger: LineRecorder.logger(lines))
        let answer = try await service.application.test(.live) { client in
            let request =
                "POST /v1/admit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Sample.key)\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nnot a length\r\n"
            return try await RawExchange.send(request, port: #require(client.port))
        }
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(lines.all.allSatisfy { !$0.hasPrefix("error") })
    }

    private func request(
        _ port: Int, _ send: @escaping @Sendable (TestClient) async throws -> TestClient.Response
    ) async throws -> TestClient.Response {
        try await TestClient.withClient(host: "127.0.0.1", port: port, operation: send)
    }

    private struct ProbeAtShutdown: ReadinessProbe {
        let arrival: AsyncStream<Void>.Continuation

        func check() async -> Readiness {
            arrival.yield()
            try? await gracefulShutdown()
            return Readiness(database: .reachable, schema: .right)
        }
    }
}
