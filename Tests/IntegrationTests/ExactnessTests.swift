import SluiceCore
import SluiceTesting
import Testing

/// Many clients at once on one user: never one call too many, never one too few (invariants 1, 2, 4).
@Suite(.serialized) struct ExactnessTests {
    private static let quota = 100
    private static let clients = 200

    @Test func threeReplicasAdmitExactlyTheQuota() async throws {
        let rounds = max(10, Soak.isLong ? Soak.seconds / 2 : 0)
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await decide(rounds: rounds, through: url, ledgerAt: url)
        }
        Soak.print("\(rounds) rounds of \(Self.clients) clients on one user, each admitted \(Self.quota) exactly")
    }

    @Test func behindPgBouncerInTransactionModeToo() async throws {
        let server = try await PostgresServer.shared()
        try await server.withMigratedDatabase { url in
            let name = try #require(url.split(separator: " ").first { $0.hasPrefix("dbname=") }?.dropFirst(7))
            let bouncer = try await PgBouncerServer.start(before: server)
            let result: Result<Void, any Error>
            do {
                result = .success(
                    try await decide(
                        rounds: 2, through: bouncer.url(database: String(name), user: "app"), ledgerAt: url))
            } catch {
                result = .failure(error)
            }
            await bouncer.remove()
            try result.get()
        }
    }

    private func decide(rounds: Int, through database: String, ledgerAt url: String) async throws {
        let options = (1...3).map { ReplicaOptions(limit: Self.quota, name: "replica \($0)") }
        try await withReplicas(options, on: database) { replicas in
            try await withClients(Self.clients, of: replicas) { clients in
                for round in 1...rounds {
                    let user = UserID.fresh()
                    let answers = try await askAtOnce(clients, user)
                    let admitted = answers.filter(\.isEnforced)
                    #expect(admitted.count == Self.quota, "round \(round)")
                    #expect(answers.filter { $0.status == 429 }.count == Self.clients - Self.quota, "round \(round)")
                    let rows = try await ledger(url).filter { $0.user == user }
                    #expect(rows.count == Self.quota, "round \(round)")
                    #expect(Set(rows.map { "\($0.callID)" }) == Set(try admitted.map { try $0.body.callID ?? "" }))
                    // No replica has as many clients as the quota.
                    #expect(Set(rows.map(\.replica)).count > 1, "round \(round)")
                }
            }
        }
    }

    private func askAtOnce(_ clients: [ReplicaClient], _ user: UserID) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for client in clients { group.addTask { try await client.admit(user) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
