import SluiceCore
import SluiceTesting
import Testing

/// Who asks is one user, whatever they present and wherever they are.
@Suite(.timeLimit(.minutes(10))) struct IdentityTests {
    @Test func keyAndTokenShareOneWindow() async throws {
        let trusting = ["SLUICE_TRUSTED_PROXIES": "127.0.0.1/32"]
        try await withWorld(limit: 20, [trusting, trusting]) { world in
            let user = UserID.fresh()
            let credentials = [try await world.key(of: user), Token.make(user, .agent)]
            for index in 0..<20 {
                let answer = try await call(world, credentials[index % 2], replica: index / 2 % 2, from: "192.0.2.1")
                #expect(answer.status == 200)
                #expect(answer.header("x-ratelimit-remaining-requests") == "\(19 - index)")
            }
            for (credential, replica) in [(credentials[0], 0), (credentials[1], 1)] {
                let answer = try await call(world, credential, replica: replica, from: "198.51.100.7")
                #expect(answer.status == 429, "from another address too")
            }
            #expect(try await call(world, Token.make(.fresh(), .agent), replica: 0, from: "192.0.2.1").status == 200)
            let rows = try await world.settledLedger(21).prefix(20)
            #expect(rows.count { $0["key_id"].isNull } == 10)
        }
    }

    @Test func addressesHaveALimitOfTheirOwn() async throws {
        let settings = ["RATE_LIMIT_REQUESTS": "5", "RATE_LIMIT_WINDOW": "3600"]
        try await withWorld([settings, settings.merging(["SLUICE_TRUSTED_PROXIES": "127.0.0.0/8"]) { $1 }]) { world in
            // Nobody is trusted: what the header says changes nothing, nor does who asks.
            let answers = try await statuses(world, replica: 0) { "192.0.2.\($0)" }
            #expect(answers == [200, 200, 200, 200, 200, 429, 429])
            let service = try await world.calling(as: ReplicaProcess.serviceKey) { caller in
                try await caller.post("/v1/admit", ["user": .string("\(UserID.fresh())")])
            }
            #expect(service.status == 200, "a service's one address is many users'")
            #expect(try await world.calling(as: nil) { try await $0.get("/healthz").status } == 200)
            // Behind a proxy that is trusted each address counts by itself.
            #expect(try await statuses(world, replica: 1) { "192.0.2.\($0)" } == Array(repeating: 200, count: 7))
            let same = try await statuses(world, replica: 1) { "203.0.113.\($0), 198.51.100.1" }
            #expect(same == [200, 200, 200, 200, 200, 429, 429], "what stands left of the last hop is hearsay")
        }
    }

    /// Seven calls of as many users.
    private func statuses(_ world: World, replica: Int, _ forwarded: (Int) -> String) async throws -> [Int] {
        var statuses: [Int] = []
        for index in 0..<7 {
            let token = Token.make(.fresh(), .agent)
            statuses.append(try await call(world, token, replica: replica, from: forwarded(index)).status)
        }
        return statuses
    }

    private func call(
        _ world: World, _ credential: String, replica: Int, from forwarded: String
    ) async throws -> Caller.Answer {
        try await world.calling(as: credential, replica: replica, ["X-Forwarded-For": forwarded]) {
            try await $0.chat()
        }
    }
}
