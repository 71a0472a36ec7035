import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// An auditor sees which limits were in force when.
@Suite struct PolicyHistoryTests {
    private struct Version: Equatable {
        let windows: String
        let onOutage: String
        let replica: String?
        let changedBy: String
        let isInForce: Bool
    }

    @Test func replicasSayWhatTheyEnforceAndOnlyChangesAreKept() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { connection in
                let first = PostgresStore(database: connection, replica: "replica-1")
                let second = PostgresStore(database: connection, replica: "replica-2")
                let hourly = try Policy.standard()
                #expect(try await first.noteDefaultPolicy(hourly, deadline: .patience))
                #expect(try await second.noteDefaultPolicy(hourly, deadline: .patience) == false)
                let wider = try Policy(
                    name: "default",
                    windows: [
                        Window(name: "minute", limit: 5, length: .seconds(90)),
                        Window(name: "day", limit: 100, length: .seconds(86_400)),
                    ], onOutage: .closed)
                #expect(try await second.noteDefaultPolicy(wider, deadline: .patience))
                #expect(try await first.noteDefaultPolicy(wider, deadline: .patience) == false)
                #expect(try await first.noteDefaultPolicy(hourly, deadline: .patience))
            }
            let hourly = "20 requests in any 1 h"
            let versions = try await versions(database)
            #expect(
                versions == [
                    Version(
                        windows: hourly, onOutage: "open", replica: "replica-1", changedBy: "app", isInForce: false),
                    Version(
                        windows: "5 requests in any 90 s, 100 requests in any 1 d", onOutage: "closed",
                        replica: "replica-2", changedBy: "app", isInForce: false),
                    Version(windows: hourly, onOutage: "open", replica: "replica-1", changedBy: "app", isInForce: true),
                ])
        }
    }

    @Test func atAnyMomentOneVersionIsInForce() async throws {
        try await withTestDatabase { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...8 {
                    group.addTask {
                        try await database.withConnection { connection in
                            let store = PostgresStore(database: connection, replica: "replica-\(number)")
                            try await store.noteDefaultPolicy(
                                .standard(limit: Int64(number % 3)), deadline: .patience)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await database.withOwner { owner in
                let gaps = try await owner.query(
                    """
                    SELECT FROM (
                        SELECT valid_until, lead(valid_from, 1, 'infinity') OVER (ORDER BY valid_from) AS next
                        FROM sluice.policies
                    ) AS p WHERE valid_until <> next
                    """)
                #expect(gaps.count == 0)
            }
        }
    }

    @Test func whatWasSaidIsNeverRewritten() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                let store = PostgresStore(database: connection)
                for limit in 1...2 as ClosedRange<Int64> {
                    try await store.noteDefaultPolicy(.standard(limit: limit), deadline: .patience)
                    try await store.setPrice(NewPrice(model: "m", input: limit, output: limit), deadline: .patience)
                }
                try await owner.execute("INSERT INTO sluice.assignments (role, policy_id) VALUES ('agent', 1)")
                for change in [
                    "UPDATE sluice.policies SET on_outage = 'closed'",
                    "UPDATE sluice.policies SET valid_until = 'infinity'",
                    "DELETE FROM sluice.policies", "TRUNCATE sluice.policies CASCADE",
                    "UPDATE sluice.policy_windows SET quota = 1000", "DELETE FROM sluice.policy_windows",
                    "TRUNCATE sluice.policy_windows", "UPDATE sluice.assignments SET role = 'admin'",
                    "DELETE FROM sluice.assignments", "TRUNCATE sluice.assignments",
                    "UPDATE sluice.prices SET input = 0", "UPDATE sluice.prices SET valid_until = 'infinity'",
                    "DELETE FROM sluice.prices", "TRUNCATE sluice.prices",
                ] {
                    await #expect(Comment(rawValue: change)) { try await owner.execute(change) } throws: { error in
                        (error as? PostgresError)?.sqlState == SQLState("23001")
                    }
                }
                // A row may be ended once.
                try await owner.execute("UPDATE sluice.assignments SET valid_until = sluice.clock()")
            }
        }
    }

    @Test func aKeyKeepsItsOwnerAndItsEnd() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                let keys = PostgresKeyStore(database: connection)
                let digest = try #require(KeyDigest([UInt8](repeating: 7, count: 32)))
                let new = NewAPIKey(digest: digest, prefix: "p", name: nil, user: .fresh(), role: .agent, lifetime: nil)
                let key = try await keys.create(new, deadline: .patience)
                _ = try await keys.revoke(key.id, deadline: .patience)
                for change in [
                    "UPDATE sluice.api_keys SET user_id = gen_random_uuid()",
                    "UPDATE sluice.api_keys SET role = 'admin'",
                    "UPDATE sluice.api_keys SET revoked_at = NULL",
                    "UPDATE sluice.api_keys SET expires_at = 'infinity'",
                ] {
                    await #expect(Comment(rawValue: change)) { try await owner.execute(change) } throws: { error in
                        (error as? PostgresError)?.sqlState == SQLState("23001")
                    }
                }
            }
        }
    }

    private func versions(_ database: TestDatabase) async throws -> [Version] {
        try await database.withConnection(as: .auditor) { auditor in
            try await auditor.query(
                """
                SELECT windows, on_outage, replica, changed_by, valid_until = 'infinity' FROM sluice.policy_history
                ORDER BY valid_from
                """
            ).map { row in
                Version(
                    windows: try row.decode(at: 0), onOutage: try row.decode(at: 1), replica: try row.decode(at: 2),
                    changedBy: try row.decode(at: 3), isInForce: try row.decode(at: 4))
            }
        }
    }
}
