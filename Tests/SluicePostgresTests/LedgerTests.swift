import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Synchronization
import Testing

/// What the schema promises beyond the rule.
@Suite struct LedgerTests {
    private let policy: Policy

    init() throws {
        policy = try .standard(limit: 3, length: .seconds(60))
    }

    @Test func rowsNeverChange() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                let store = PostgresStore(database: connection)
                _ = try await store.admit([.fresh()], under: policy, deadline: .patience)
                for change in [
                    "UPDATE sluice.calls SET weight = 2", "DELETE FROM sluice.calls", "TRUNCATE sluice.calls",
                    "DELETE FROM ONLY sluice.calls_\(try await today(owner))",
                    "TRUNCATE sluice.calls_\(try await today(owner))",
                ] {
                    await #expect(Comment(rawValue: change)) { try await owner.execute(change) } throws: { error in
                        (error as? PostgresError)?.sqlState == SQLState("23001")
                    }
                }
                #expect(try await count(owner) == 1)
            }
        }
    }

    /// Such a transaction sees the ledger as it was before it got the user's lock.
    @Test(arguments: ["repeatable read", "serializable"])
    func snapshotsOlderThanTheLockAreRefused(_ level: String) async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await connection.execute("SET default_transaction_isolation = '\(level)'")
                let store = PostgresStore(database: connection)
                await #expect { try await store.admit([.fresh()], under: policy, deadline: .patience) } throws: {
                    ($0 as? StoreError)?.kind == .schema
                }
                await #expect {
                    try await store.admit([.fresh(), .fresh()], under: policy, deadline: .patience)
                } throws: {
                    ($0 as? StoreError)?.kind == .schema
                }
                await #expect { try await store.probe(deadline: .patience) } throws: {
                    ($0 as? StoreError)?.kind == .schema
                }
                #expect(try await count(owner) == 0)
            }
        }
    }

    @Test func missingPartitionMakesItself() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await owner.execute(
                    """
                    CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
                    AS 'SELECT ''2031-05-05 12:00:00+00''::timestamptz'
                    """)
                let store = PostgresStore(database: connection)
                let results = try await store.admit([.fresh(), .fresh()], under: policy, deadline: .patience)
                #expect(try results.allSatisfy { if case .admitted = try $0.get() { true } else { false } })
                let result = try await owner.query("SELECT count(*) FROM sluice.calls_20310505")
                #expect(try result.first?.decode(Int64.self, at: 0) == 2)
            }
        }
    }

    @Test func maintenanceMakesPartitionsAheadOnce() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { connection in
                let maintenance = PartitionMaintenance(
                    database: connection, longestWindow: .seconds(3_600), logger: quiet)
                #expect(try await maintenance.maintain() > 0)
                #expect(try await maintenance.maintain() == 0)
                let result = try await connection.query(
                    """
                    SELECT bool_and(to_regclass('sluice.' || sluice.partition_name(
                        (now() AT TIME ZONE 'UTC')::date + n)) IS NOT NULL) FROM generate_series(0, 14) AS n
                    """)
                #expect(try result.first?.decode(Bool.self, at: 0) == true)
            }
        }
    }

    @Test func manyMakersOfPartitionsDoNotCollide() async throws {
        try await withTestDatabase { database in
            let made = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await database.withConnection { connection in
                            let result = try await connection.query("SELECT sluice.ensure_partitions('2033-01-01', 5)")
                            return try result.first?.decode(Int32.self, at: 0) ?? -1
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(made == 5)
        }
    }

    @Test func partitionsAreMadeWhileAdmissionsAreUnderWay() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { admitting in
                try await admitting.execute(
                    "BEGIN; SELECT sluice.admit('00000000-0000-0000-0000-000000000001')")
                try await database.withConnection { maker in
                    let made = try await maker.query(
                        "SELECT sluice.ensure_partitions('2033-01-01', 3)", deadline: .patience)
                    #expect(try made.first?.decode(Int32.self, at: 0) == 3)
                }
                try await admitting.execute("COMMIT")
            }
        }
    }

    @Test func nobodyWaitsForAnothersLock() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { stranger in
                let (busy, free) = (UserID.fresh(), UserID.fresh())
                try await stranger.query("BEGIN")
                try await stranger.query("SELECT pg_advisory_xact_lock(1936487795, sluice.lock_key(\(busy)))")
                try await database.withConnection { connection in
                    let store = PostgresStore(database: connection)
                    let calls = try [Call.fresh(busy), .fresh(free)]
                    let results = try await store.admit(
                        calls, under: policy, waitingForLocks: false, deadline: .patience)
                    #expect(results[0] == .failure(StoreError(.contended, "another transaction holds the user's lock")))
                    #expect(results[1].isSuccess)
                    let alone = try await store.admit(
                        [calls[0]], under: policy, waitingForLocks: false, deadline: .patience)
                    #expect(!alone[0].isSuccess)
                    // The function gives up by itself, long before the deadline.
                    let waited = try await store.admit([calls[0]], under: policy, deadline: .patience)
                    #expect(waited == alone)
                    try await stranger.query("COMMIT")
                    let after = try await store.admit([calls[0]], under: policy, deadline: .patience)
                    #expect(after[0].isSuccess)
                }
            }
        }
    }

    /// A lock on the ledger itself is everybody's matter, unlike one on a user.
    @Test func aLockedLedgerIsAnOutage() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { stranger in
                try await stranger.execute("BEGIN; LOCK TABLE sluice.calls IN ACCESS EXCLUSIVE MODE")
                try await database.withConnection { connection in
                    let store = PostgresStore(database: connection)
                    await #expect { try await store.admit([.fresh()], under: policy, deadline: .patience) } throws: {
                        ($0 as? StoreError)?.kind == .locked
                    }
                    await #expect { try await store.probe(deadline: .patience) } throws: {
                        ($0 as? StoreError)?.kind == .locked
                    }
                    try await stranger.execute("COMMIT")
                    try await store.probe(deadline: .patience)
                }
            }
        }
    }

    /// A migration's step takes no longer than calls have time: none of them goes through unchecked.
    @Test func aLockThatPassesIsSatOut() async throws {
        try await withTestDatabase { database in
            try await database.withOwner { stranger in
                try await stranger.execute("BEGIN; LOCK TABLE sluice.calls IN ACCESS EXCLUSIVE MODE")
                try await database.withConnection { connection in
                    let failures = LockCounter()
                    let batcher = Batcher(
                        store: PostgresStore(database: connection), settings: BatcherSettings(timeout: .seconds(600)),
                        metrics: failures)
                    async let running: Void = batcher.run()
                    async let decision = batcher.admit(.fresh(), under: policy)
                    #expect(try await eventually { failures.locked.load(ordering: .relaxed) >= 2 })
                    try await stranger.execute("COMMIT")
                    let isEnforced =
                        if case .admitted(let found) = try await decision { found.mode == .enforced } else { false }
                    #expect(isEnforced)
                    batcher.shutdown()
                    await running
                }
            }
        }
    }

    @Test func readOnlyServerIsNotReady() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { connection in
                let store = PostgresStore(database: connection)
                try await store.probe(deadline: .patience)
                try await connection.execute("SET default_transaction_read_only = on")
                await #expect { try await store.probe(deadline: .patience) } throws: {
                    ($0 as? StoreError)?.kind == .unavailable
                }
                await #expect { try await store.admit([.fresh()], under: policy, deadline: .patience) } throws: {
                    ($0 as? StoreError)?.kind == .unavailable
                }
            }
        }
    }

    @Test func withoutTheSchemaSaysSo() async throws {
        try await withTestDatabase(isMigrated: false) { database in
            try await database.withConnection { connection in
                let store = PostgresStore(database: connection)
                _ = await #expect { try await store.probe(deadline: .patience) } throws: {
                    ($0 as? StoreError)?.kind == .schema
                }
            }
        }
    }

    /// The rows come before the commit: an error at commit must not leave an admission behind.
    @Test func failureAtCommitIsNoAdmission() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await owner.execute(
                    """
                    CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END';
                    CREATE CONSTRAINT TRIGGER late AFTER INSERT ON sluice.calls DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION public.fail();
                    """)
                await #expect {
                    try await PostgresStore(database: connection).admit(
                        [.fresh()], under: policy, deadline: .patience)
                } throws: {
                    ($0 as? StoreError)?.kind == .unavailable
                }
                #expect(try await count(owner) == 0)
            }
        }
    }

    private func count(_ connection: PostgresConnection) async throws -> Int64? {
        try await connection.query("SELECT count(*) FROM sluice.calls").first?.decode(Int64.self, at: 0)
    }

    private func today(_ connection: PostgresConnection) async throws -> String {
        try await connection.query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')").first?.decode(at: 0) ?? ""
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}

/// Counts how often the ledger was locked.
private final class LockCounter: PathMetrics {
    let locked = Atomic(0)

    func storeFailed(_ error: StoreError, calls: Int) {
        if error.kind == .locked { locked.add(1, ordering: .relaxed) }
    }
}
