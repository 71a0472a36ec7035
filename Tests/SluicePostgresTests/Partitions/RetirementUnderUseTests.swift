import Foundation
import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Synchronization
import Testing

/// Partitions leave while others use the ledger, and whoever takes them away may be interrupted.
@Suite("Partitions leave a ledger that is in use")
struct RetirementUnderUseTests {
    private static let rule = RetentionRule(days: 400, action: .drop)

    @Test("Admissions under full load notice nothing but a moment's wait", arguments: ["by a replica", "by the owner"])
    func load(_ way: String) async throws {
        try await PartitionWorld.with { world in
            try await world.makePast(firstDay: "2020-03-01", days: 4, calls: 3)
            let meter = Meter()
            try await withThrowingTaskGroup { group in
                for _ in 0..<6 { group.addTask { try await Self.admit(into: world.database, meter) } }
                try await meter.reach(400)
                let quiet = meter.turn()
                if way == "by a replica" {
                    _ = try await world.retire(Self.rule)
                } else {
                    try await Self.retireAsOwner(world, patience: .seconds(60))
                }
                let busy = meter.turn()
                meter.stop()
                try await group.waitForAll()
                print(
                    "partitions dropped \(way): longest admission \(busy) while 12 leave, \(quiet) before, of \(meter.count)"
                )
            }
            #expect(try await world.list().allSatisfy { $0.startsAt.microseconds > 1_700_000_000_000_000 })
            // Each admission that was answered is a row, counted and in order.
            #expect(try await world.count("calls WHERE mode = 'enforced'") == Int64(meter.count))
            #expect(try await world.count("calls WHERE mode <> 'enforced'") == 0)
        }
    }

    /// Calls of users, each on its own, until the meter says stop; every one has to be admitted.
    private static func admit(into database: TestDatabase, _ meter: Meter) async throws {
        let policy = try Policy.standard(limit: 1_000_000, length: .seconds(3_600))
        try await database.withConnection { connection in
            let store = PostgresStore(database: connection)
            let user = UserID.fresh()
            while !meter.isStopped {
                let start = ContinuousClock.now
                let result = try await store.admit([.fresh(user)], under: policy, deadline: .patience)
                guard case .admitted = try #require(result.first).get() else { throw CancellationError() }
                meter.note(.now - start)
            }
        }
    }

    private static func retireAsOwner(_ world: PartitionWorld, patience: Duration, action: RetentionAction = .drop)
        async throws
    {
        let old = try await world.list().filter {
            $0.startsAt.microseconds < 1_700_000_000_000_000 && $0.state == .attached
        }
        try await world.database.withConnection(as: .migrator) { connection in
            guard try await OwnerRetirement.isPossible(over: connection) else {
                _ = try await world.retire(RetentionRule(days: 400, action: action))
                return
            }
            let retirement = OwnerRetirement(connection: connection, patience: patience) { _ in }
            for partition in old {
                _ = try await retirement.retire(partition, by: RetentionRule(days: 400, action: action))
            }
        }
    }

    @Test("An auditor's open transaction delays it, and nothing else: a replica tries again when it is over")
    func auditor() async throws {
        try await PartitionWorld.with { world in
            try await world.makePast(firstDay: "2020-03-01", days: 1)
            try await world.database.withOwner { auditor in
                try await auditor.execute("BEGIN; SELECT count(*) FROM sluice.calls")
                let error = try await world.database.withConnection { app in
                    await #expect(throws: PostgresError.self) {
                        try await app.query("SELECT sluice.retire_partition('calls_20200301', 400, 'drop')")
                    }
                }
                #expect(error?.sqlState == .lockNotAvailable)
                let waits = Mutex(0)
                let done = try await world.retire(Self.rule) { _ in
                    // The second wait is long enough.
                    let count = waits.withLock { count in
                        count += 1
                        return count
                    }
                    if count == 2 { try await auditor.execute("COMMIT") }
                }
                #expect(done.count == 3 && done.first == "calls_20200301")
                #expect(waits.withLock { $0 } == 2 + 3)
            }
        }
    }

    @Test(
        "The owner's patience ends, a detachment is left half done, partitions are made meanwhile, and a replica finishes it"
    )
    func halfDetached() async throws {
        try await PartitionWorld.with { world in
            try await world.makePast(firstDay: "2020-03-01", days: 2)
            try await world.database.withOwner { auditor in
                guard
                    try await auditor.query("SHOW server_version_num").first?.decode(String.self, at: 0) ?? ""
                        >= "140000"
                else { return }
                try await auditor.execute("BEGIN; SELECT count(*) FROM sluice.calls")
                let error = await #expect(throws: PostgresError.self) {
                    try await Self.retireAsOwner(world, patience: .zero)
                }
                #expect(error?.sqlState == .lockNotAvailable)
                #expect(try await world.names(.leaving) == ["calls_20200301"])
                try await world.database.withConnection { app in
                    let summary = try await PartitionStore(database: app).summary(deadline: .patience)
                    #expect(summary?.unfinished == 1)
                    // Others go on.
                    try await app.query("SELECT sluice.ensure_partitions('2041-01-01', 2)")
                    try await app.query("SELECT sluice.admit(gen_random_uuid())")
                }
                try await auditor.execute("COMMIT")
            }
            #expect(try await world.retire(Self.rule).first == "calls_20200301")
            #expect(try await world.list().allSatisfy { $0.startsAt.microseconds > 1_700_000_000_000_000 })
        }
    }

    @Test("Killed between detaching and dropping: whoever comes next finishes it", arguments: RetentionAction.allCases)
    func killed(_ action: RetentionAction) async throws {
        try await PartitionWorld.with { world in
            try await world.makePast(firstDay: "2020-03-01", days: 1)
            try await world.database.withConnection(as: .migrator) { owner in
                guard try await OwnerRetirement.isPossible(over: owner) else { return }
                try await owner.query("SELECT sluice.begin_retirement('calls_20200301', 400, \(action.rawValue))")
                try await owner.execute("ALTER TABLE sluice.calls DETACH PARTITION sluice.calls_20200301 CONCURRENTLY")
            }
            try await world.database.withConnection { app in
                let store = PartitionStore(database: app)
                #expect(
                    try await store.list(deadline: .patience).contains { $0.state == .leaving || $0.state == .attached }
                )
                // Rows of that day find room meanwhile.
                try await app.query("SELECT sluice.ensure_partitions('2020-03-01', 1)")
                let kept = try await store.resume(deadline: .patience)
                #expect(kept == (action == .drop ? "calls_20200301" : "calls_20200301_detached"))
                #expect(try await store.resume(deadline: .patience) == nil)
            }
            #expect(try await world.names(.attached).contains("calls_20200301_2"))
            #expect(try await world.names(.detached).count == (action == .detach ? 1 : 0))
            #expect(try await world.names(.exporting).count == (action == .export ? 1 : 0))
        }
    }

    @Test("Many replicas at once take each away once")
    func together() async throws {
        try await PartitionWorld.with { world in
            try await world.makePast(firstDay: "2020-03-01", days: 3)
            let done = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<5 { group.addTask { try await world.retire(Self.rule) { _ in await Task.yield() } } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.count == 9 && Set(done).count == 9, "\(done)")
            #expect(try await world.count("retirements") == 9)
        }
    }
}

/// How long admissions take, and when to stop.
private final class Meter: Sendable {
    private struct State {
        var count = 0
        var longest = Duration.zero
        var isStopped = false
        var waiter: (count: Int, resume: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var isStopped: Bool { state.withLock { $0.isStopped } }
    var count: Int { state.withLock { $0.count } }

    func stop() { state.withLock { $0.isStopped = true } }

    func note(_ duration: Duration) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.count += 1
            state.longest = max(state.longest, duration)
            guard let waiter = state.waiter, waiter.count <= state.count else { return nil }
            state.waiter = nil
            return waiter.resume
        }
        waiter?.resume()
    }

    /// Waits for so many admissions.
    func reach(_ count: Int) async throws {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                if state.count >= count { return true }
                state.waiter = (count, waiter)
                return false
            }
            if isThere { waiter.resume() }
        }
    }

    /// The longest since the last turn.
    func turn() -> Duration {
        state.withLock { state in
            defer { state.longest = .zero }
            return state.longest
        }
    }
}
