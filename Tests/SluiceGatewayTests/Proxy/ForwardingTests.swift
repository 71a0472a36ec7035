import AsyncHTTPClient
import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import SluiceCore
import SluiceGateway
import SluiceTesting
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ForwardingTests {
    /// What the upstream says when nobody is in between.
    private func direct(_ world: ProxyWorld, _ path: String, body: [UInt8]) async throws -> String {
        var request = HTTPClientRequest(url: world.upstream.url + path)
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(ProxyWorld.key)")
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(5))
        return String(buffer: try await response.body.collect(upTo: 1 << 24))
    }

    @Test(arguments: [
        (EndpointKind.chat, "/v1/chat/completions"), (.responses, "/v1/responses"), (.embeddings, "/v1/embeddings"),
        (.messages, "/v1/messages"),
    ])
    func wholeAnswersAreByteForByteTheUpstreams(kind: EndpointKind, path: String) async throws {
        try await ProxyWorld.run { world in
            let response = try await world.response(world.call("scripted-in900-out40", kind: kind, stream: false))
            let body = try await response.body.collected()
            let exchange = try await world.upstream.exchange(0)
            #expect(response.status == .ok)
            #expect(try await direct(world, path, body: exchange.body) == body)
            #expect(response.contentLength == body.utf8.count)
            #expect(exchange.path == path)
            let end = try #require(await world.ends.next())
            #expect(end.ended == .complete)
            #expect(end.status == 200)
            #expect(end.usage.usage.input == 900)
            #expect(end.usage.usage.output == (kind == .embeddings ? 0 : 40))
            #expect(end.basis == .measured)
        }
    }

    @Test func callsOneAfterTheOtherShareAConnectionOfEachLoop() async throws {
        try await ProxyWorld.run { world in
            for _ in 0..<20 {
                _ = try await world.response(world.call("scripted", stream: false)).body.collected()
            }
            let loops = HTTPClient.defaultEventLoopGroup.makeIterator().reduce(0) { count, _ in count + 1 }
            #expect(world.upstream.connections <= loops)
        }
    }

    @Test(arguments: [(EndpointKind.responses, "/v1/responses"), (.messages, "/v1/messages")])
    func streamsAreByteForByteTheUpstreams(kind: EndpointKind, path: String) async throws {
        try await ProxyWorld.run { world in
            let response = try await world.response(world.call("scripted-in900-out40-cached7", kind: kind))
            let body = try await response.body.collected()
            #expect(try await direct(world, path, body: world.upstream.exchange(0).body) == body)
            let end = try #require(await world.ends.next())
            #expect(end.ended == .complete)
            #expect(end.usage.usage.input == 900)
            #expect(end.usage.usage.cached == 7)
            #expect(end.usage.usage.output == 40)
            #expect(end.basis == .measured)
        }
    }

    @Test func aChatsUsageIsAskedForAndHidden() async throws {
        try await ProxyWorld.run { world in
            let response = try await world.response(world.call("scripted-in900-out40-think5"))
            let body = try await response.body.collected()
            #expect(!body.contains("prompt_tokens"))
            #expect(body.hasSuffix("data: [DONE]\n\n"))
            #expect(try await world.upstream.exchange(0).text.contains("include_usage"))
            let end = try #require(await world.ends.next())
            #expect(end.usage.usage.reasoning == 5)
            #expect(end.usage.usage.output == 40)
            #expect(end.basis == .measured)
        }
    }

    @Test func theFirstPieceIsThereBeforeTheSecondIsSent() async throws {
        try await ProxyWorld.run { world in
            let response = try await world.response(world.call("scripted-chunks3-gate", kind: .messages))
            var pieces = response.body.makeAsyncIterator()
            var seen = ""
            for index in 0..<3 {
                // The gate is closed: what is awaited here can only come if nothing is held back.
                while !seen.contains("wörd\(index)") {
                    seen += String(buffer: try #require(try await pieces.next()))
                }
                #expect(!seen.contains("wörd\(index + 1)"))
                world.upstream.gate.open()
            }
            while let more = try await pieces.next() { seen += String(buffer: more) }
            #expect(seen.contains("message_stop"))
            #expect(try await world.ends.next()?.ended == .complete)
        }
    }

    @Test func aLongStreamArrivesWhole() async throws {
        try await ProxyWorld.run { world in
            let response = try await world.response(world.call("scripted-chunks10000-out12345"))
            let body = try await response.body.collected()
            #expect(body.components(separatedBy: "wörd").count == 10_001)
            #expect(body.contains("wörd9999 "))
            let end = try #require(await world.ends.next())
            #expect(end.usage.usage.output == 12_345)
            #expect(end.ended == .complete)
        }
    }

    @Test func modelsArePassedThroughAndNamesAreEscaped() async throws {
        try await ProxyWorld.run { world in
            let openAI = try world.target(.openAI)
            let list = try #require(ProxyCall(query: "limit=5&after_id=x", headers: [:], upstream: openAI))
            #expect(try await world.response(list).body.collected().contains(#""object":"list""#))
            #expect(try await world.upstream.exchange(0).path == "/v1/models?limit=5&after_id=x")
            #expect(try await world.ends.next()?.usage.usage == .zero)

            let one = try #require(ProxyCall(model: "org/mödel?x", query: "a b", headers: [:], upstream: openAI))
            _ = try await world.response(one).body.collected()
            #expect(try await world.upstream.exchange(1).path == "/v1/models/org%2Fm%C3%B6del%3Fx")

            let anthropic = try #require(ProxyCall(headers: [:], upstream: try world.target(.anthropic)))
            #expect(try await world.response(anthropic).body.collected().contains("has_more"))
        }
        let upstream = try Upstream(name: "a", kind: .openAI, baseURL: "http://127.0.0.1:1")
        let names = [
            "", ".", "..", "../files", "a/../../files", "a/..", "a//b", "/a", "a/", #"..\files"#, "a\r\nb", "a\u{0}",
            String(repeating: "x", count: 257),
        ]
        for name in names {
            #expect(ProxyCall(model: name, headers: [:], upstream: upstream) == nil, "\(name)")
        }
    }

    @Test func documentsAndCompletionsAreFetched() async throws {
        try await ProxyWorld.run { world in
            let body = Array(#"{"model":"scripted-out40","messages":[]}"#.utf8)
            let deadline = ContinuousClock.now + .seconds(300)
            let answer = try await world.proxy.complete(body: body, on: world.target(.openAI), deadline: deadline)
            #expect(answer.status == 200)
            #expect(String(decoding: answer.bytes, as: UTF8.self).contains(#""completion_tokens":40"#))

            let failing = Array(#"{"model":"scripted-status500-echo"}"#.utf8)
            let failed = try await world.proxy.complete(body: failing, on: world.target(.anthropic), deadline: deadline)
            #expect(failed.status == 500)
            #expect(!String(decoding: failed.bytes, as: UTF8.self).contains(ProxyWorld.key))
            await #expect(throws: ProxyFailure.keyRefused) {
                try await world.proxy.complete(body: body, on: world.target(.openAI, key: "wrong"), deadline: deadline)
            }
            await #expect(throws: ProxyFailure.timedOut) {
                let hanging = Array(#"{"model":"scripted-hang"}"#.utf8)
                let soon = ContinuousClock.now + .milliseconds(50)
                return try await world.proxy.complete(body: hanging, on: world.target(.openAI), deadline: soon)
            }
        }
    }

    @Test func documentsAreLimitedAndNotFetchedElsewhere() async throws {
        try await ScriptedUpstream.withRunning { upstream in
            let proxy = GatewayProxy(logger: Logger(label: "test"))
            let document = try await proxy.get("\(upstream.url)/v1/models", timeout: .seconds(300))
            #expect(String(decoding: document, as: UTF8.self).contains("scripted"))
            await #expect(throws: ProxyFailure.tooLarge) {
                try await proxy.get("\(upstream.url)/v1/models", limit: document.count - 1, timeout: .seconds(300))
            }
            await #expect(throws: ProxyFailure.unexpected) {
                try await proxy.get("\(upstream.url)/nothing", timeout: .seconds(300))
            }
            await proxy.shutdown()
        }
    }
}
