import Glibc
import Postgres
import SluiceCore
import SluiceTesting
import Testing

/// SIGTERM: calls under way are answered (row F6).
@Suite struct ShutdownTests {
    @Test func callsUnderWayAreAnswered() async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            let options = ReplicaOptions(settings: ["SLUICE_BATCHES_IN_FLIGHT": "3", "SLUICE_POOL_SIZE": "8"])
            try await withReplicas([options], on: url) { replicas in
                try await withClients(3, of: replicas) { clients in
                    try await withGate(url) { gate in
                        var calls: [Task<Answer, any Error>] = []
                        for client in clients {
                            calls.append(Task { try await client.admit(.fresh()) })
                            #expect(try await eventually { try await gate.waiting() == calls.count })
                        }
                        replicas[0].signal(SIGTERM)
                        #expect(try await eventually { await isRefusingConnections(replicas[0]) })
                        try await gate.open()
                        for call in calls { #expect(try await call.value.isEnforced) }
                        #expect(try await replicas[0].waitUntilExit() == 0)
                    }
                }
                #expect(try await ledger(url).count == 3)
            }
        }
    }

    private func isRefusingConnections(_ replica: ReplicaProcess) async -> Bool {
        let client = ReplicaClient(replica)
        let answer = try? await client.get("/healthz")
        await client.close()
        return answer == nil
    }

    /// Decisions wait in the database, at its clock, until the gate is opened.
    private nonisolated(nonsending) func withGate(
        _ url: String, _ body: nonisolated(nonsending) (Gate) async throws -> Void
    ) async throws {
        try await withOwner(url) { connection in
            try await connection.query("SELECT pg_advisory_lock(4711)")
            try await connection.execute(
                """
                CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE plpgsql VOLATILE
                SET lock_timeout = 0
                AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN clock_timestamp(); END'
                """)
            try await body(Gate(connection: connection))
        }
    }

    private struct Gate {
        let connection: PostgresConnection

        func open() async throws { try await connection.query("SELECT pg_advisory_unlock(4711)") }

        /// Decisions that wait.
        func waiting() async throws -> Int {
            let result = try await connection.query(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event = 'advisory' AND query LIKE '%admit%'
                """)
            return Int(try result.first?.decode(Int64.self, at: 0) ?? 0)
        }
    }
}
