import Postgres
import SluiceCore
import SluiceTesting
import Testing

@testable import SluicePostgres

/// What a batch does about the locks of others.
@Suite struct AdmitBatchLockTests {
    /// The call that found the lock taken is not decided, so those after it must not count it.
    @Test func whoseLockBecomesFreeBetweenTwoTriesIsBusyWithAllCalls() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { holder in
                try await database.withConnections { connection, gate in
                    let store = PostgresStore(database: connection)
                    let policy = try Policy.standard(limit: 10)
                    let (repeated, other) = (UserID.fresh(), UserID.fresh())
                    try await gate.execute(Self.wait(for: other))
                    try await gate.execute("SELECT pg_advisory_lock(42)")
                    try await holder.execute("BEGIN")
                    try await holder.query(
                        "SELECT pg_advisory_xact_lock(1936487795, sluice.lock_key($1))", [repeated])
                    let calls = try [
                        Call.fresh(repeated, weight: 4), .fresh(other), .fresh(repeated, weight: 5),
                    ]
                    async let answers = store.admit(
                        calls, under: policy, waitingForLocks: false, deadline: .patience)
                    let isBetween = try await eventually {
                        try await gate.number(
                            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted")
                            == 1
                    }
                    #expect(isBetween)
                    try await holder.execute("ROLLBACK")
                    try await gate.execute("SELECT pg_advisory_unlock(42)")
                    let results = try await answers
                    #expect(results[0] == .failure(.busy) && results[2] == .failure(.busy))
                    #expect((try? results[1].get()) != nil)
                    let totals = try await gate.query("SELECT running_total FROM sluice.calls")
                    #expect(try totals.map { try $0.decode(Int64.self, at: 0) } == [1])
                }
            }
        }
    }

    /// Or a batch and maintenance wait for each other, and admissions behind them, until the one gives up.
    @Test func maintenanceTakesTheViewsInTheOrderOfBatches() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                for function in ["admit_batch", "cover_recent"] {
                    try await owner.execute("ALTER FUNCTION sluice.\(function) SET lock_timeout = '60s'")
                }
                for (nr, view) in Self.views.enumerated() {
                    // Planned anew, and from the plan that is kept.
                    try await database.withConnection { connection in
                        let store = PostgresStore(database: connection)
                        for _ in 0..<2 {
                            let calls = try [Call.fresh(), .fresh()]
                            let held = try await Self.viewsHeld(by: connection, whileIsTaken: view, owner) {
                                _ = try await store.admit(calls, under: try .standard(), deadline: .patience)
                            }
                            #expect(held == Set(Self.views[..<nr]), "a batch that waits for \(view)")
                        }
                    }
                }
                for (nr, view) in (Self.views + ["recent"]).enumerated() {
                    try await database.withOwner { maintenance in
                        let held = try await Self.viewsHeld(by: maintenance, whileIsTaken: view, owner) {
                            _ = try await maintenance.query(
                                "SELECT sluice.cover_recent(make_interval(hours => $1))", [Int32(nr + 2)])
                        }
                        #expect(held == Set(Self.views[..<nr]), "maintenance that waits for \(view)")
                    }
                }
            }
        }
    }

    private static let views = ["later", "near", "open_partition"]

    /// Lets what asks for the user's lock wait for the advisory lock 42 first.
    private static func wait(for user: UserID) -> String {
        """
        ALTER FUNCTION sluice.admit_batch SET lock_timeout = '60s';
        CREATE OR REPLACE FUNCTION sluice.lock_key(user_id uuid) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
            IF user_id = '\(user)' THEN PERFORM pg_advisory_xact_lock_shared(42); END IF;
            RETURN ('x' || right(user_id::text, 8))::bit(32)::integer;
        END $$
        """
    }

    /// - Returns: the views of decisions that the session holds while it waits for one of them.
    private static func viewsHeld(
        by session: PostgresConnection, whileIsTaken view: String, _ owner: PostgresConnection,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Set<String> {
        let pid = try await session.query("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0)
        try await owner.execute("BEGIN; ALTER VIEW sluice.\(view) RESET (security_barrier)")
        async let done: Void = body()
        let isWaiting = try await eventually {
            try await owner.number("SELECT count(*) FROM pg_locks WHERE pid = \(pid) AND NOT granted") == 1
        }
        #expect(isWaiting)
        let held = try await owner.query(
            """
            SELECT c.relname::text FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
            WHERE l.pid = $1 AND l.granted AND c.relkind = 'v'
            """, [pid])
        try await owner.execute("ROLLBACK")
        try await done
        return Set(try held.map { try $0.decode(String.self, at: 0) })
    }
}

extension PostgresConnection {
    fileprivate func number(_ query: String) async throws -> Int64 {
        try await self.query("\(unescaped: query)")[0].decode(at: 0)
    }
}
