import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import SluiceGateway
import SluiceTesting
import Testing

/// The proxy in a server of the kind that it is made for, with real connections on both sides.
@Suite(.timeLimit(.minutes(10)))
struct ServerTests {
    /// Runs a server that forwards everything to the model that the path names, and a client of it.
    private func withServer(
        _ body: @escaping @Sendable (ProxyWorld, _ client: HTTPClient, _ url: String) async throws -> Void
    ) async throws {
        try await ProxyWorld.run { world in
            let router = Router()
            router.get("{model}") { [world] request, context in
                let call = try world.call(context.parameters.require("model"), kind: .messages)
                let response = try await world.response(call)
                let body = ResponseBody { writer in
                    // Hears of a client that hangs up while nothing is written.
                    try await request.body.consumeWithCancellationOnInboundClose { _ in
                        for try await bytes in response.body { try await writer.write(bytes) }
                    }
                    try await writer.finish(nil)
                }
                return Response(status: response.status, headers: response.headers, body: body)
            }
            let port = AsyncStream.makeStream(of: Int.self)
            let application = Application(
                router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { channel in port.continuation.yield(channel.localAddress?.port ?? 0) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let client = HTTPClient(eventLoopGroupProvider: .singleton)
            try await withThrowingTaskGroup(of: Void.self) { [world] group in
                group.addTask { try await application.run() }
                let listening = try #require(await port.stream.first { _ in true })
                try await body(world, client, "http://127.0.0.1:\(listening)/")
                try await client.shutdown()
                group.cancelAll()
            }
        }
    }

    @Test func piecesGoThroughAsTheyComeAndTheEndIsTheUpstreams() async throws {
        try await withServer { world, client, url in
            let response = try await client.execute(
                HTTPClientRequest(url: url + "scripted-chunks3-gate"), timeout: .minutes(9))
            var seen = ""
            for try await bytes in response.body {
                seen += String(buffer: bytes)
                for index in 0..<2 where seen.hasSuffix("wörd\(index) \"}}\n\n") {
                    // Nothing of the next piece has been sent.
                    world.upstream.gate.open()
                }
            }
            #expect(seen.hasSuffix("data: {\"type\":\"message_stop\"}\n\n"))
            #expect(try await world.ends.next()?.ended == .complete)
        }
    }

    @Test func aBrokenOffAnswerDoesNotLookComplete() async throws {
        try await withServer { world, client, url in
            await #expect(throws: (any Error).self) {
                let response = try await client.execute(
                    HTTPClientRequest(url: url + "scripted-cut2"), timeout: .minutes(9))
                _ = try await response.body.collect(upTo: 1 << 20)
            }
            let end = try await world.ends.next()
            #expect(end?.ended == .upstreamFailed(.closed))
        }
    }

    @Test func aClientThatHangsUpIsHeardUpstream() async throws {
        try await withServer { world, client, url in
            let reads = Gate()
            let asking = Task {
                let response = try await client.execute(
                    HTTPClientRequest(url: url + "scripted-hang2"), timeout: .minutes(9))
                for try await _ in response.body { reads.open() }
            }
            try await reads.pass()
            asking.cancel()
            let end = try await world.upstream.exchange(0).finished()
            #expect(end == .cutOff)
            #expect(try await world.ends.next()?.ended == .clientGone)
        }
    }
}
