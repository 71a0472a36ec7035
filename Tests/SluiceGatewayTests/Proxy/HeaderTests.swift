import HTTPTypes
import NIOCore
import SluiceGateway
import SluiceTesting
import Testing

@Suite(.timeLimit(.minutes(10)))
struct HeaderTests {
    private func fields(_ pairs: [(String, String)]) throws -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs { fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value)) }
        return fields
    }

    @Test func upstreamsSeeWhatIsTheirBusiness() async throws {
        try await ProxyWorld.run { world in
            let headers = try fields([
                ("Authorization", "Bearer sk_sluice_secret"), ("X-Api-Key", "sk_sluice_secret"),
                ("api-key", "sk_sluice_secret"),
                ("Cookie", "a=b"), ("Forwarded", "for=10.0.0.1"), ("X-Forwarded-For", "10.0.0.1"),
                ("X-Real-IP", "10.0.0.1"),
                ("Connection", "keep-alive, OpenAI-Beta"), ("OpenAI-Beta", "dropped"), ("Keep-Alive", "timeout=5"),
                ("TE", "trailers"), ("Trailer", "x"), ("Transfer-Encoding", "chunked"), ("Upgrade", "h2c"),
                ("Proxy-Authorization", "Basic x"), ("Content-Length", "5"), ("Accept-Encoding", "gzip, br"),
                ("OpenAI-Organization", "org-mine"), ("X-Anything", "x"), ("Content-Type", "text/plain"),
                ("User-Agent", "OpenAI/Python 3"), ("X-Stainless-Retry-Count", "1"), ("Idempotency-Key", "k1"),
                ("Accept", "application/json"), ("anthropic-beta", "b1"),
            ])
            _ = try await world.response(world.call("scripted", stream: false, headers: headers)).body.collected()
            let exchange = try await world.upstream.exchange(0)
            let names = Set(exchange.headers.map { $0.name.lowercased() })
            #expect(
                names == [
                    "host", "content-length", "content-type", "authorization", "accept", "accept-encoding",
                    "user-agent",
                    "x-stainless-retry-count", "idempotency-key", "anthropic-beta",
                ])
            #expect(exchange.values("authorization") == ["Bearer \(ProxyWorld.key)"])
            #expect(exchange.values("accept-encoding") == ["identity"])
            #expect(exchange.values("content-type") == ["application/json"])
            #expect(exchange.values("content-length") == ["\(exchange.body.count)"])
            #expect(!exchange.headers.contains { $0.value.contains("sk_sluice") })
        }
    }

    @Test func anthropicsKeyAndVersionAreSet() async throws {
        try await ProxyWorld.run { world in
            let versions: [[(String, String)]] = [[], [("anthropic-version", "2026-01-01")]]
            for (index, version) in versions.enumerated() {
                let call = try world.call("scripted", kind: .messages, stream: false, headers: try fields(version))
                _ = try await world.response(call).body.collected()
                let exchange = try await world.upstream.exchange(index)
                #expect(exchange.values("x-api-key") == [ProxyWorld.key])
                #expect(exchange.values("authorization") == [])
                #expect(exchange.values("anthropic-version") == [version.first?.1 ?? "2023-06-01"])
            }
        }
    }

    @Test func clientsSeeWhatIsTheirBusiness() async throws {
        try await ProxyWorld.run { world in
            for kind in [EndpointKind.chat, .messages] {
                let response = try await world.response(world.call("scripted", kind: kind, stream: false))
                _ = try await response.body.collected()
                #expect(
                    Set(response.headers.map(\.name.canonicalName)) == [
                        "content-type", "x-request-id", "request-id", "openai-processing-ms", "openai-version",
                    ])
            }
        }
    }

    @Test(arguments: [EndpointKind.chat, .messages])
    func errorsNeverQuoteTheKey(kind: EndpointKind) async throws {
        try await ProxyWorld.run { world in
            let response = try await world.response(world.call("scripted-status400-echo", kind: kind))
            let body = try await response.body.collected()
            #expect(!body.contains(ProxyWorld.key))
            #expect(body.contains("*****"))
            #expect(response.contentLength == body.utf8.count)
        }
    }

    @Test func encodedErrorsAreNotShown() async throws {
        try await ProxyWorld.run { world in
            await #expect(throws: ProxyFailure.malformed) {
                try await world.response(world.call("scripted-status400-gzip"))
            }
            let response = try await world.response(world.call("scripted-gzip", stream: false))
            #expect(response.headers[.contentEncoding] == "gzip")
        }
    }

    @Test func aWrongKeyIsNotTheClientsFault() async throws {
        try await ProxyWorld.run { world in
            await #expect(throws: ProxyFailure.keyRefused) {
                try await world.response(world.call("scripted", key: "wrong-key"))
            }
        }
    }
}
