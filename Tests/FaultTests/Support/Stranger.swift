import Postgres
import SluiceTesting

/// Somebody else in the replicas' database, with connections that stay open until told otherwise.
actor Stranger {
    private var connections: [PostgresConnection] = []
    private var isTaking = false

    /// Runs a statement on a connection of its own, which stays open.
    func hold(_ statements: [String], on url: String) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url), logger: quiet)
        connections.append(connection)
        for statement in statements { try await connection.execute(statement) }
    }

    /// Takes every connection that the server has to give to ordinary roles, from the replicas too.
    func takeAllConnections(of world: FaultWorld) async throws {
        let url = world.server.url(database: "sluice", user: "service")
        isTaking = true
        // Several at a time, since the replicas want back what they lose.
        let takers = (0..<8).map { _ in
            Task { while isTaking { if (try? await hold([], on: url)) == nil { await Task.yield() } } }
        }
        var hasAll = false
        while !hasAll {
            let own = connections.map { "\($0.backendPID)" }.joined(separator: ",")
            let ended = try await world.server.administer(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE usename = 'service' AND pid <> ALL (ARRAY[\(own)]::int[])
                """)
            hasAll = ended.count == 0 && !connections.isEmpty
        }
        isTaking = false
        for taker in takers { await taker.value }
    }

    func leave() async {
        for connection in connections { await connection.close() }
        connections = []
    }
}
