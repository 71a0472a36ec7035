import SluiceCore
import SluiceTesting
import Testing

/// Two replicas, one database: what the README promises, over HTTP.
@Suite struct SharedWindowTests {
    @Test func thirdOfTwoIsRefusedOnEitherReplica() async throws {
        try await withTwoReplicas(limit: 2, window: 60) { first, second in
            let (user, other) = (UserID.fresh(), UserID.fresh())
            let admissions = [try await first.admit(user), try await second.admit(user)]
            let (modes, remaining) = (admissions.map(\.isEnforced), try admissions.map { try $0.body.remaining })
            #expect(modes == [true, true] && remaining == [1, 0])
            for replica in [first, second, first, second] {
                try expectRefusal(try await replica.admit(user))
            }
            #expect(try await second.admit(other).isEnforced)
        }
    }

    @Test func everyReplicaSeesTheSameWindow() async throws {
        try await withTwoReplicas(limit: 2, window: 60) { first, second in
            let user = UserID.fresh()
            for used in 0...2 {
                for answer in [try await first.peek(user), try await second.window(of: user)] {
                    #expect(answer.status == 200)
                    let body = try answer.body
                    #expect(body.windows == [.init(used: used, remaining: 2 - used)])
                    #expect(body.admissible == (used < 2))
                }
                #expect(try await first.admit(user).status == (used < 2 ? 200 : 429))
            }
        }
    }

    @Test func sameCallIDIsAnsweredAlikeAndConsumesNothing() async throws {
        let server = try await PostgresServer.shared()
        try await server.withMigratedDatabase { url in
            try await withTwoReplicas(on: url, limit: 2, window: 60) { first, second in
                let (user, id) = (UserID.fresh(), CallID.fresh())
                let answer = try await first.admit(user, callID: id).body
                #expect(answer.admitted == true && answer.callID == "\(id)")
                #expect(try await first.admit(user, callID: id).body == answer)
                #expect(try await second.admit(user, callID: id).body == answer)
                #expect(try await second.admit(user).body.remaining == 0)
                // Also when the window is full, and was refused here before.
                #expect(try await second.admit(user).status == 429)
                #expect(try await second.admit(user, callID: id).body.admittedAt == answer.admittedAt)
                #expect(try await ledger(url).count == 2)
            }
        }
    }

    private func expectRefusal(_ answer: Answer) throws {
        #expect(answer.status == 429)
        let seconds = try #require(answer.header("Retry-After").flatMap { Int64($0) })
        let milliseconds = try #require(answer.header("retry-after-ms").flatMap { Int64($0) })
        #expect((1...60).contains(seconds))
        #expect(seconds == (milliseconds + 999) / 1_000)
        #expect(answer.header("x-should-retry") == "true")
        #expect(answer.header("Content-Type") == "application/problem+json")
        #expect(answer.header("RateLimit") == #""default";r=0;t=\#(seconds)"#)
        #expect(answer.header("RateLimit-Policy") == #""default";q=2;w=60"#)
        let body = try answer.body
        #expect(body.type == "https://iana.org/assignments/http-problem-types#quota-exceeded")
        #expect(body.violatedPolicies == ["default"])
        #expect(body.admitted == false && body.limit == 2 && body.remaining == 0)
        #expect(body.retryAfterMS == milliseconds)
    }

    private nonisolated(nonsending) func withTwoReplicas(
        limit: Int, window: Int, _ body: nonisolated(nonsending) (ReplicaClient, ReplicaClient) async throws -> Void
    ) async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await withTwoReplicas(on: url, limit: limit, window: window, body)
        }
    }

    private nonisolated(nonsending) func withTwoReplicas(
        on url: String, limit: Int, window: Int,
        _ body: nonisolated(nonsending) (ReplicaClient, ReplicaClient) async throws -> Void
    ) async throws {
        let options = ReplicaOptions(limit: limit, window: window)
        try await withReplicas([options, options], on: url) { replicas in
            try await withClients(2, of: replicas) { try await body($0[0], $0[1]) }
        }
    }
}
