import SluiceCore
import SluiceTesting
import Testing

/// `POST /api/ai/triage`
@Suite(.timeLimit(.minutes(10))) struct TriageTests {
    @Test func answersThoseWhoMayAsk() async throws {
        try await withWorld(limit: 2) { world in
            let users = [Role.admin: UserID.fresh(), .operator: .fresh()]
            for (role, user) in users {
                let token = Token.make(user, role)
                let answer = try await triage(world, token)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.json["answer"] == "wörd0 wörd1 wörd2 " && answer.json["model"] == "scripted")
                #expect(answer.json["usage", "input_tokens"] == 12 && answer.json["usage", "output_tokens"] == 3)
                #expect(answer.header("RateLimit")?.contains("r=1") == true)
                // It counts in the asker's window, as everything does that reaches a model.
                #expect(try await triage(world, token).status == 200)
                #expect(try await triage(world, token).status == 429)
            }
            for role in [Role.readonly, .agent, .service] {
                let answer = try await triage(world, Token.make(.fresh(), role))
                #expect(answer.status == 403 && answer.text.contains(role.rawValue), "\(answer.text)")
            }
            #expect(try await triage(world, nil).status == 401)
            let rows = try await world.settledLedger(4)
            #expect(rows.allSatisfy { $0["route"] == "/api/ai/triage" && Taken($0) == Taken(input: 12, output: 3) })
            #expect(world.upstream.count == 4)
        }
    }

    @Test func tellsTheModelWhatIsKnownOfTheSubject() async throws {
        try await withWorld(limit: 2) { world in
            let subject = UserID.fresh()
            let token = Token.make(.fresh(), .operator)
            try await world.calling(as: Token.make(subject, .agent)) { caller in
                var statuses: [Int] = []
                for _ in 0..<3 { statuses.append(try await caller.chat().status) }
                #expect(statuses == [200, 200, 429])
            }
            let answer = try await world.calling(as: token) { caller in
                try await caller.triage("Why is she throttled?", ["subject": .string("\(subject)")])
            }
            #expect(answer.status == 200, "\(answer.text)")
            let prompt = try await world.upstream.exchange(2).text
            #expect(prompt.contains("\(subject)") && prompt.contains("Why is she throttled?"))
            #expect(prompt.contains("2 of 2") || prompt.contains("0 of 2"), "\(prompt)")
            let bad = try await world.calling(as: token) { try await $0.triage("Why?", ["subject": "she"]) }
            #expect(bad.status == 400 && bad.text.contains("subject"))
        }
    }

    @Test func saysWhyThereIsNoAnswer() async throws {
        let none = Dictionary(
            uniqueKeysWithValues: ["OPENAI_BASE_URL", "OPENAI_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"]
                .map { ("SLUICE_" + $0, "") })
        let settings = [["SLUICE_TRIAGE_MODEL": "scripted-status500"], none, ["SLUICE_TRIAGE_MODEL": ""]]
        try await withWorld(settings) { world in
            let token = Token.make(.fresh(), .admin)
            let failed = try await triage(world, token)
            #expect(failed.status == 502 && failed.text.contains("500"), "\(failed.text)")
            let row = try await world.settledLedger(1)[0]
            #expect(Taken(row) == Taken(input: 0, output: 0) && row["status"].integer == 500)
            let nobody = try await triage(world, token, replica: 1)
            #expect(nobody.status == 503 && nobody.text.contains("SLUICE_OPENAI_BASE_URL"))
            let modelless = try await triage(world, token, replica: 2)
            #expect(modelless.status == 503 && modelless.text.contains("SLUICE_TRIAGE_MODEL"))
        }
    }

    private func triage(_ world: World, _ credential: String?, replica: Int = 0) async throws -> Caller.Answer {
        try await world.calling(as: credential, replica: replica) { try await $0.triage("What is up?") }
    }
}
