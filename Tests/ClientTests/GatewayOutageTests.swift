import Glibc
import SluiceCore
import SluiceTesting
import Testing

/// The database away, or a replica.
@Suite(.timeLimit(.minutes(10))) struct GatewayOutageTests {
    @Test func whoIsKnownGoesOnAndEverythingIsRecordedAfterwards() async throws {
        try await PostgresServer.with { server in
            let settings = ["SLUICE_ADMISSION_DEADLINE_MS": "1000", "SLUICE_BREAKER_PAUSE_MAX_MS": "500"]
            try await withWorld(on: server, [settings]) { world in
                let key = try await world.key(of: .fresh())
                let admin = try await world.key(of: .fresh(), .admin)
                let unseen = try await world.key(of: .fresh())
                let token = Token.make(.fresh(), .agent)
                let revoked = try await revokedKey(world, admin)
                #expect(try await chat(world, key) == 200)
                await server.stop()
                var statuses: [Int] = []
                for _ in 0..<5 { statuses += [try await chat(world, key), try await chat(world, token)] }
                #expect(statuses == Array(repeating: 200, count: 10))
                #expect(try await chat(world, unseen) == 503, "nobody knows whose it is")
                #expect(try await chat(world, revoked) == 401, "it is known that it is nobody's any more")
                #expect(try await chat(world, "sk_sluice_nonsense") == 401)
                try await server.start()
                #expect(try await eventually { try await chat(world, unseen) == 200 })
                // Its calls that were let in while the database came back are among them, whatever their number.
                var rows: [JSON] = []
                let isWhole = try await eventually {
                    rows = try await world.ledger()
                    return rows.count >= 13 && !rows.contains { $0["basis"].isNull }
                }
                #expect(isWhole && Set(rows.map { $0["call_id"] }).count == rows.count, "each call once")
                #expect(
                    rows.count == world.upstream.count && rows.allSatisfy { Taken($0) == Taken(input: 12, output: 3) })
                #expect(rows.count { $0["mode"] == "unchecked" } >= 10)
            }
        }
    }

    /// One that was good, was used on this replica, and was revoked there.
    private func revokedKey(_ world: World, _ admin: String) async throws -> String {
        let user = UserID.fresh()
        let key = try await world.key(of: user)
        #expect(try await chat(world, key) == 200)
        let status = try await world.calling(as: admin) { caller in
            let keys = try await caller.get("/v1/keys?user=\(user)").json
            let id = try #require((keys["keys"].array.first ?? keys[0])["id"].string, "\(keys.text)")
            return try await caller.delete("/v1/keys/\(id)").status
        }
        #expect(status == 200 || status == 204)
        #expect(try await chat(world, key) == 401)
        return key
    }

    private func chat(_ world: World, _ credential: String) async throws -> Int {
        try await world.calling(as: credential) { try await $0.chat().status }
    }

    @Test func callsOfAKilledReplicaExpire() async throws {
        try await withWorld([[:], [:]]) { world in
            let key = try await world.key(of: .fresh())
            let caller = Task {
                try await RawClient.post(
                    "/v1/chat/completions", RawClient.chat("scripted-chunks3-gate"), key: key, to: world.replicas[0]
                ) { _ in false }
            }
            let exchange = try await world.upstream.exchange(0)
            #expect(try await world.ledger().map { $0["basis"] } == [.null])
            world.replicas[0].signal(SIGKILL)
            _ = try? await caller.value
            #expect(try await exchange.finished() == .cutOff)
            // By the lease, which is a minute at least where nobody says otherwise.
            let isExpired = try await eventually {
                try await world.rows("SELECT sluice.expire_calls('1 second') AS count")[0]["count"].integer == 1
            }
            #expect(isExpired)
            let row = try await world.settledLedger(1)[0]
            #expect(row["basis"] == "expired" && row["input_tokens"] == row["reserved_input"])
            #expect(row["output_tokens"] == row["reserved_output"])
            #expect(try await world.rows("SELECT sluice.expire_calls('1 second') AS count")[0]["count"] == 0)
        }
    }
}
