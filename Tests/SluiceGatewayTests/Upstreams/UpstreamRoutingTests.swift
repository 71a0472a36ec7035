import SluiceGateway
import Testing

struct UpstreamRoutingTests {
    private func upstream(
        _ name: String, _ kind: UpstreamKind = .openAI, url: String = "https://host.example", isDefault: Bool = false
    ) throws -> Upstream {
        try Upstream(name: name, kind: kind, baseURL: url, apiKey: "k", isDefault: isDefault)
    }

    private func target(_ routing: UpstreamRouting, _ model: String, _ endpoint: EndpointKind = .chat) -> [String]? {
        routing.target(of: model, for: endpoint).map { [$0.upstream.name, $0.model] }
    }

    @Test func wholeNamesThenLongestBeginningsThenTheDefault() throws {
        let routing = try UpstreamRouting(
            upstreams: [upstream("main", isDefault: true), upstream("other"), upstream("claude", .anthropic)],
            routes: [
                UpstreamRoute(model: "gpt-*", upstream: "other"),
                UpstreamRoute(model: "gpt-4*", upstream: "main", upstreamModel: "deployed-*-x"),
                UpstreamRoute(model: "gpt-4o", upstream: "other", upstreamModel: "fast"),
                UpstreamRoute(model: "gpt-4o", upstream: "claude", upstreamModel: "haiku"),
            ])
        #expect(target(routing, "gpt-4o") == ["other", "fast"])
        #expect(target(routing, "gpt-4o", .messages) == ["claude", "haiku"])
        #expect(target(routing, "gpt-41") == ["main", "deployed-1-x"])
        #expect(target(routing, "gpt-3") == ["other", "gpt-3"])
        #expect(target(routing, "llama", .embeddings) == ["main", "llama"])
        #expect(target(routing, "llama", .messages) == ["claude", "llama"])
    }

    @Test func withoutADefaultOnlyRoutesCount() throws {
        let routing = try UpstreamRouting(
            upstreams: [upstream("a"), upstream("b")], routes: [UpstreamRoute(model: "m", upstream: "a")])
        #expect(target(routing, "m") == ["a", "m"])
        #expect(target(routing, "n") == nil)
        #expect(target(routing, "m", .messages) == nil)
        #expect(routing.defaultUpstream(of: .openAI) == nil)
    }

    @Test func plainHTTPIsWarnedOfUnlessItStaysHere() throws {
        let routing = try UpstreamRouting(upstreams: [
            upstream("far", url: "http://host.example"), upstream("near", url: "http://localhost:1"),
            upstream("nearer", url: "http://127.0.0.1:1"), upstream("good"),
        ])
        #expect(routing.warnings.count == 1)
        #expect(routing.warnings.first?.contains("upstream far: base_url is http") == true)
    }

    @Test(arguments: [
        ([UpstreamRoute(model: "m", upstream: "z")], "route m: upstream is z"),
        ([UpstreamRoute(model: "", upstream: "a")], "model has 0 bytes"),
        ([UpstreamRoute(model: "a*b", upstream: "a")], "a * that is not at its end"),
        ([UpstreamRoute(model: "m", upstream: "a", upstreamModel: "x*")], "upstream_model has 1 *"),
        ([UpstreamRoute(model: "m*", upstream: "a", upstreamModel: "**")], "upstream_model has 2 *"),
        ([UpstreamRoute(model: "m", upstream: "a"), UpstreamRoute(model: "m", upstream: "b")], "model is there twice"),
        (
            [UpstreamRoute(model: "m*", upstream: "a"), UpstreamRoute(model: "m*", upstream: "b")],
            "model is there twice"
        ),
    ])
    func badRoutesAreRefusedWithARemedy(routes: [UpstreamRoute], message: String) throws {
        let upstreams = [try upstream("a"), try upstream("b")]
        let error = #expect(throws: RoutingError.self) { try UpstreamRouting(upstreams: upstreams, routes: routes) }
        #expect(error?.description.contains(message) == true)
    }

    @Test func badUpstreamsAreRefusedWithARemedy() throws {
        let twice = [try upstream("a"), try upstream("a", .anthropic)]
        #expect(throws: RoutingError.self) { try UpstreamRouting(upstreams: twice) }
        let defaults = [try upstream("a", isDefault: true), try upstream("b", isDefault: true)]
        let error = #expect(throws: RoutingError.self) { try UpstreamRouting(upstreams: defaults) }
        #expect(error?.description.contains("upstream b: default is true for a as well") == true)
        #expect(throws: RoutingError.self) { try upstream("") }
        var timeouts = UpstreamTimeouts()
        timeouts.idle = .zero
        #expect(throws: RoutingError.self) {
            try Upstream(name: "a", kind: .openAI, baseURL: "https://a", timeouts: timeouts)
        }
    }
}
