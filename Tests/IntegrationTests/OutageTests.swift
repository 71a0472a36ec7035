import Glibc
import SluiceCore
import SluiceTesting
import Testing

/// The database away: what each policy says is done, and afterwards the limit holds again without a restart (invariants 6 and 7,
/// row A7).
@Suite(.serialized) struct OutageTests {
    enum Fault: String, CaseIterable {
        /// Stopped in order: connections are refused.
        case stopped
        /// Frozen: nothing answers, connections stay.
        case frozen
        /// Crashed, with recovery at the next start.
        case crashed

        func begin(_ server: PostgresServer) async {
            switch self {
            case .stopped: await server.stop()
            case .frozen: await server.suspend()
            case .crashed: await server.stop(.immediate)
            }
        }

        func end(_ server: PostgresServer) async throws {
            if self == .frozen { await server.resume() } else { try await server.start() }
        }
    }

    @Test(arguments: Fault.allCases)
    func failsOpenAndRecoversByItself(_ fault: Fault) async throws {
        try await PostgresServer.with { server in
            try await withReplica(on: server, "open") { replica in
                let user = UserID.fresh()
                #expect(try await eventually { try await replica.admit(.fresh()).isEnforced })
                await fault.begin(server)
                // Beyond the limit of 2, the first ones by the deadline, the others by the breaker.
                for _ in 0..<10 { try expectUnchecked(try await replica.admit(user)) }
                #expect(try await replica.get("/metrics").text.contains(#"sluice_breaker_state{state="closed"} 0"#))
                #expect(try await replica.peek(user).status == 503)
                let ready = try await replica.get("/readyz")
                #expect(ready.status == 200)
                #expect(try ready.body.database == "unreachable" && ready.body.schema == "right")
                #expect(try await replica.get("/healthz").status == 200)
                try await fault.end(server)
                try await expectEnforcement(replica)
                #expect(try await eventually { try await replica.get("/readyz").body.database == "reachable" })
            }
        }
    }

    @Test func failsClosedWhereThePolicySaysSo() async throws {
        try await PostgresServer.with { server in
            try await withReplica(on: server, "closed") { replica in
                await server.stop()
                for _ in 0..<5 {
                    let answer = try await replica.admit(.fresh())
                    #expect(answer.status == 503)
                    #expect(answer.header("Content-Type") == "application/problem+json")
                    let body = try answer.body
                    #expect(body.type == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity")
                    #expect(body.admitted != true)
                }
                // Once the breaker is open it is known when asking again may help.
                #expect(try await eventually { try await replica.admit(.fresh()).header("Retry-After") != nil })
                try await server.start()
                try await expectEnforcement(replica)
            }
        }
    }

    @Test func countsByItselfWhereThePolicySaysSo() async throws {
        try await PostgresServer.with { server in
            try await withReplica(on: server, "bounded") { replica in
                var user = UserID.fresh()
                let isCounted = try await eventually {
                    user = .fresh()
                    return try await replica.admit(user).isEnforced
                }
                #expect(isCounted)
                await server.stop()
                #expect(try await replica.admit(user).isUnchecked)
                for _ in 0..<3 { #expect(try await replica.admit(user).status == 429) }
                try await server.start()
                try await expectEnforcement(replica)
            }
        }
    }

    /// And brings its database up to date, beside others that want to do the same.
    @Test func replicasMayBootBeforeTheirDatabase() async throws {
        try await PostgresServer.with { server in
            let url = server.url(database: try await server.createDatabase(), user: "migrator")
            await server.stop()
            let options = Self.options("open", waitsUntilReady: false)
            try await withReplicas([options, options], on: url) { replicas in
                for replica in replicas {
                    #expect(try await eventually { await listens(replica) })
                }
                try await withClients(2, of: replicas) { clients in
                    for client in clients {
                        for _ in 0..<5 { try expectUnchecked(try await client.admit(.fresh())) }
                        let ready = try await client.get("/readyz")
                        #expect(ready.status == 200)
                        #expect(try ready.body.database == "unreachable" && ready.body.schema == "unknown")
                    }
                    try await server.start()
                    for client in clients { try await expectEnforcement(client) }
                    #expect(try await eventually { try await clients[0].get("/readyz").body.schema == "right" })
                }
            }
        }
    }

    /// The limit of 2 holds again, for a user nobody has seen.
    private func expectEnforcement(_ client: ReplicaClient) async throws {
        let isEnforced = try await eventually {
            let user = UserID.fresh()
            var statuses: [Bool] = []
            for _ in 0..<2 { statuses.append(try await client.admit(user).isEnforced) }
            return try await client.admit(user).status == 429 && statuses == [true, true]
        }
        #expect(isEnforced)
    }

    private func expectUnchecked(_ answer: Answer) throws {
        #expect(answer.isUnchecked, "\(answer.status) \(answer.text)")
        #expect(answer.header("RateLimit") == nil)
        let body = try answer.body
        #expect(body.admitted == true && body.limit == 2 && body.remaining == nil)
    }

    private func listens(_ replica: ReplicaProcess) async -> Bool {
        let client = ReplicaClient(replica)
        let answer = try? await client.get("/healthz")
        await client.close()
        return answer?.status == 200
    }

    private nonisolated(nonsending) func withReplica(
        on server: PostgresServer, _ onOutage: String,
        _ body: nonisolated(nonsending) (ReplicaClient) async throws -> Void
    ) async throws {
        let url = server.url(database: try await server.createMigratedDatabase(), user: "app")
        try await withReplicas([Self.options(onOutage)], on: url) { replicas in
            try await withClients(1, of: replicas) { try await body($0[0]) }
        }
    }

    /// The deadline is short, since calls wait for it, and still long enough for a busy machine to decide now and then.
    private static func options(_ onOutage: String, waitsUntilReady: Bool = true) -> ReplicaOptions {
        ReplicaOptions(
            limit: 2, waitsUntilReady: waitsUntilReady,
            settings: [
                "SLUICE_MIGRATE": waitsUntilReady ? "wait" : "run", "SLUICE_ON_OUTAGE": onOutage,
                "SLUICE_ADMISSION_DEADLINE_MS": "1000",
                "SLUICE_BREAKER_PAUSE_MAX_MS": "500",
            ])
    }
}
