import SluiceCore
import SluiceTesting
import Testing

/// Our structured fields, as a parser of others reads them.
@Suite(.timeLimit(.minutes(10))) struct FieldTests {
    @Test func fieldsAreListsOfStringsWithParameters() async throws {
        try await withWorld(limit: 1) { world in
            let user = UserID.fresh()
            let gateway = try await world.calling(as: Token.make(user, .agent)) { caller in
                [try await caller.chat(), try await caller.chat()]
            }
            let admit = try await world.calling(as: ReplicaProcess.serviceKey) { caller in
                let body: JSON = ["user": .string("\(UserID.fresh())")]
                return [try await caller.post("/v1/admit", body), try await caller.post("/v1/admit", body)]
            }
            let answers = gateway + admit
            #expect(answers.map(\.status) == [200, 429, 200, 429])
            let limits = try await parsed(answers.map { $0.header("RateLimit") ?? "" })
            let policies = try await parsed(answers.map { $0.header("RateLimit-Policy") ?? "" })
            for policy in policies { #expect(policy == [["default", ["q": 1, "w": 3_600]]]) }
            for limit in limits {
                #expect(limit[0][0] == "default" && limit[0][1, "r"] == 0 && limit.array.count == 1)
                #expect((1...3_600).contains(limit[0][1, "t"].integer ?? 0))
            }
        }
    }

    private func parsed(_ fields: [String]) async throws -> [JSON] {
        try await Python.run("fields.py", [JSON.array(fields.map { .string($0) }).text])
    }
}

extension JSON {
    fileprivate subscript(_ index: Int, _ name: String) -> JSON { self[index][name] }
}
