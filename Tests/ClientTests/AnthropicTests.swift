import SluiceCore
import SluiceTesting
import Testing

/// The official SDK of Anthropic, through Sluice, beside the same SDK straight at the provider.
@Suite(.timeLimit(.minutes(10))) struct AnthropicTests {
    private static let model = "scripted-in900-out40-cached100-write20-chunks8"

    @Test func getsWhatTheProviderSent() async throws {
        try await withWorld([[:], [:]]) { world in
            let user = UserID.fresh()
            let key = try await world.key(of: user)
            let steps: [SDK.Step] = [
                .message(Self.model), .message(Self.model, stream: true), .models, .model("scripted"),
            ]
            let direct = SDK(maker: .anthropic, address: world.upstream.url, key: World.upstreamKey)
            async let expected = direct.run(steps)
            async let first = world.sdk(.anthropic, key: key).run(steps)
            async let second = world.sdk(.anthropic, key: key, replica: 1).run(steps)
            let (wanted, outcomes) = (try await expected, [try await first, try await second])
            #expect(wanted.allSatisfy { $0.error == nil && $0.status == 200 })
            for outcome in outcomes { #expect(outcome.map(\.withoutHeaders) == wanted.map(\.withoutHeaders)) }
            for outcome in outcomes.joined() {
                #expect(outcome.header("request-id")?.isEmpty == false)
                #expect(outcome.header("anthropic-organization-id") == nil && outcome.header("set-cookie") == nil)
                #expect(outcome.header("anthropic-ratelimit-requests-limit") != "4000")
            }
            let rows = try await world.settledLedger(4)
            for row in rows {
                #expect(Taken(row) == Taken(input: 900, cached: 100, cacheWrite: 20, output: 40), "\(row.text)")
                #expect(row["user_id"].string == "\(user)" && row["route"].string == "/v1/messages")
            }
        }
    }

    @Test func getsAStreamAsItComes() async throws {
        try await withWorld { world in
            let key = try await world.key(of: .fresh())
            let upstream = world.upstream
            let outcome = try await world.sdk(.anthropic, key: key).run([
                .message("scripted-chunks2-gate", stream: true)
            ]) {
                event in
                guard event["delta", "text"].string == "wörd0 " else { return }
                let exchange = try await upstream.exchange(0)
                #expect(exchange.ending == nil)
                upstream.gate.open()
            }
            #expect(outcome[0].error == nil && outcome[0].events.last?["type"].string == "message_stop")
        }
    }
}
