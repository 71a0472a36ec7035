import SluiceCore
import SluiceTesting
import Testing

/// The official SDK of OpenAI, through Sluice, beside the same SDK straight at the provider.
@Suite(.timeLimit(.minutes(10))) struct OpenAITests {
    private static let model = "scripted-in900-out40-cached100-write20-think10-chunks8"
    private static let steps: [SDK.Step] = [
        .chat(model), .chat(model, stream: true), .chat(model, stream: true, includesUsage: true),
        .chat(model, stream: true, includesUsage: false), .response(model), .response(model, stream: true),
        .embedding(model), .models, SDK.Step(call: "models.retrieve", arguments: ["model": "scripted"]),
    ]

    @Test func getsWhatTheProviderSent() async throws {
        try await withWorld([[:], [:]]) { world in
            let user = UserID.fresh()
            let key = try await world.key(of: user)
            let direct = SDK(maker: .openAI, address: world.upstream.url, key: World.upstreamKey)
            async let expected = direct.run(Self.steps)
            async let first = world.sdk(.openAI, key: key).run(Self.steps)
            async let second = world.sdk(.openAI, key: key, replica: 1).run(Self.steps)
            let (wanted, outcomes) = (try await expected, [try await first, try await second])
            #expect(wanted.allSatisfy { $0.error == nil && $0.status == 200 })
            for outcome in outcomes { #expect(outcome.map(\.withoutHeaders) == wanted.map(\.withoutHeaders)) }
            let usage = wanted[2].events.last?["usage", "completion_tokens"].integer
            #expect(usage == 40 && wanted[1].events.count == wanted[2].events.count - 1)
            for outcome in outcomes.joined() { expectHeaders(outcome.headers) }
            try await expectLedger(world, user)
        }
    }

    @Test func getsAStreamAsItComes() async throws {
        try await withWorld { world in
            let key = try await world.key(of: .fresh())
            let upstream = world.upstream
            let steps: [SDK.Step] = [
                .chat("scripted-chunks2-gate", stream: true), .response("scripted-chunks2-gate", stream: true),
            ]
            let outcomes = try await world.sdk(.openAI, key: key).run(steps) { event in
                let text = event["choices"][0]["delta", "content"].string ?? event["delta"].string
                guard text == "wörd0 " else { return }
                // The provider holds back the second half until the SDK has shown the first to its caller.
                let exchange = try await upstream.exchange(upstream.count - 1)
                #expect(exchange.ending == nil)
                upstream.gate.open()
            }
            #expect(outcomes.map(\.error) == [nil, nil])
            #expect(outcomes[0].events.count == 4)
        }
    }

    private func expectHeaders(_ headers: [String: JSON]) {
        #expect(headers["x-request-id"]?.string?.isEmpty == false)
        for name in ["set-cookie", "server", "openai-organization", "x-internal", "alt-svc"] {
            #expect(headers[name] == nil)
        }
        // The provider's limits are those of its own account.
        #expect(headers["x-ratelimit-limit-requests"]?.string != "4000")
    }

    /// Two replicas, five chats and answers and one embedding each.
    private func expectLedger(_ world: World, _ user: UserID) async throws {
        let rows = try await world.settledLedger(14)
        #expect(Set(rows.map { $0["replica"].string }) == ["replica-0", "replica-1"])
        let taken = Taken(input: 900, cached: 100, cacheWrite: 20, output: 40, reasoning: 10)
        for row in rows {
            let isEmbedding = row["route"].string == "/v1/embeddings"
            #expect(Taken(row) == (isEmbedding ? Taken(input: 900, output: 0) : taken), "\(row.text)")
            #expect(row["user_id"].string == "\(user)" && !row["key_id"].isNull && row["status"].integer == 200)
            #expect(row["model"].string == Self.model && row["asked"].string == Self.model)
        }
    }
}
