import SluiceCore
import SluiceTesting
import Testing

/// What the SDKs make of our refusals: their own exceptions, and their own retries where those can help.
@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
    /// A wait that both SDKs sit out: the caller sees nothing of it.
    @Test func shortWaitsAreSatOut() async throws {
        try await withWorld(limit: 1, window: 2) { world in
            for maker in [SDK.Maker.openAI, .anthropic] {
                let key = try await world.key(of: .fresh())
                let step: SDK.Step = maker == .openAI ? .chat("scripted") : .message("scripted")
                // More retries than there can be refusals: a busy machine may be late, but is not to fail.
                let outcomes = try await world.sdk(maker, key: key, retries: 20).run([step, step, step])
                #expect(outcomes.map(\.error) == [nil, nil, nil])
            }
            let rows = try await world.settledLedger(6)
            let attempts = rows.compactMap { $0["attempt"].integer }
            // Every attempt that was refused is followed by one that says so.
            let refused = try await world.count("sluice_http_requests_total", #"status="429""#)
            #expect(attempts.reduce(0, +) == refused && refused > 0)
            #expect(Set(rows.map { $0["logical_id"] }).count == 2, "the same question of a user is one call")
        }
    }

    /// A wait over a minute: Anthropic's SDK would not sit it out but hammer us, and is told not to.
    @Test(arguments: [SDK.Maker.openAI, .anthropic])
    func longWaitsAreTheCallersToKnow(_ maker: SDK.Maker) async throws {
        try await withWorld(limit: 1, window: 100) { world in
            let key = try await world.key(of: .fresh())
            let step: SDK.Step = maker == .openAI ? .chat("scripted") : .message("scripted")
            let outcomes = try await world.sdk(maker, key: key).run([step, step])
            #expect(outcomes[0].error == nil)
            let refused = outcomes[1]
            #expect(refused.error == "RateLimitError" && refused.status == 429)
            let milliseconds = try #require(refused.header("retry-after-ms").flatMap { Int($0) })
            // From 100 s on it goes down, however slow the machine is; under a minute it would have been sat out.
            #expect((60_001...100_000).contains(milliseconds))
            #expect(refused.header("retry-after") == "\((milliseconds + 999) / 1_000)")
            #expect(refused.header("x-should-retry") == "false")
            #expect(try await world.count("sluice_http_requests_total", #"status="429""#) == 1)
            #expect(world.upstream.count == 1, "what is refused reaches nobody")
            expectWords(refused, maker)
        }
    }

    @Test func errorsAreTheSDKsOwn() async throws {
        try await withWorld([[:], ["SLUICE_ANTHROPIC_BASE_URL": "", "SLUICE_ANTHROPIC_API_KEY": ""]]) { world in
            let user = UserID.fresh()
            let (reader, agent) = (try await world.key(of: user, .readonly), try await world.key(of: user))
            let wrong = "sk_sluice_00000000000000000000000000000000"
            let foreign = Token.make(user, .agent, secret: "another-secret-of-32-bytes-or-so-0123")
            for (maker, step) in [(SDK.Maker.openAI, SDK.Step.chat("scripted")), (.anthropic, .message("scripted"))] {
                let nameless = SDK.Step(
                    call: step.call, arguments: .object(step.arguments.object.merging(["model": ""]) { $1 }))
                let steps = [step.presenting(wrong), step.presenting(foreign), step.presenting(reader), nameless]
                let outcomes = try await world.sdk(maker, key: agent).run(steps)
                let errors = ["AuthenticationError", "AuthenticationError", "PermissionDeniedError", "BadRequestError"]
                #expect(outcomes.map(\.error) == errors && outcomes.map(\.status) == [401, 401, 403, 400])
                #expect(outcomes[2].body.text.contains("readonly") && outcomes[3].body.text.contains("model"))
            }
            // Nobody to ask: which setting is missing is said.
            let nobody = try await world.sdk(.anthropic, key: agent, replica: 1).run([.message("scripted")])[0]
            #expect(nobody.error == "InternalServerError" || nobody.error == "ServiceUnavailableError")
            #expect(nobody.status == 503 && nobody.body.text.contains("SLUICE_ANTHROPIC_"))
            #expect(nobody.body["type"] == "error" && !nobody.body["error", "type"].isNull)
            #expect(world.upstream.count == 0)
            #expect(try await world.ledger().isEmpty)
        }
    }

    private func expectWords(_ refused: SDK.Outcome, _ maker: SDK.Maker) {
        switch maker {
        case .openAI:
            // The SDK unwraps `error`.
            #expect(refused.body["code"] == "rate_limit_exceeded")
            #expect(refused.body["message"].string?.contains("call again in") == true)
            #expect(refused.header("x-ratelimit-limit-requests") == "1")
            #expect(refused.header("x-ratelimit-remaining-requests") == "0")
        case .anthropic:
            #expect(refused.body["type"] == "error" && refused.body["error", "type"] == "rate_limit_error")
            #expect(refused.body["request_id"].string == refused.header("request-id"))
            #expect(refused.header("anthropic-ratelimit-requests-limit") == "1")
            #expect(refused.header("anthropic-ratelimit-requests-remaining") == "0")
        }
    }
}
