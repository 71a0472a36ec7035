import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// Partitions by day and by month, on the same ledger.
@Suite("Partitions by day and by month")
struct PartitionUnitTests {
    /// However the setting is switched while time goes on, whatever style the sessions write times in: every moment from today on,
    /// as far ahead as was wanted, belongs to one partition of every table, and an admission finds its own.
    @Test(arguments: [3, 17, 2_026] as [UInt64])
    func switchingLeavesNoGapAndNoOverlap(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await PartitionWorld.with { world in
            var hours = 0
            for _ in 0..<5 {
                hours += Int.random(in: 1...900, using: &random)
                try await world.setClock("2041-01-20 03:00Z", hours: hours)
                let (unit, ahead) = (
                    PartitionUnit.allCases.randomElement(using: &random)!, Int.random(in: 1...20, using: &random)
                )
                try await world.database.withConnection { connection in
                    try await connection.execute(Self.styles.randomElement(using: &random)!)
                    let store = PartitionStore(database: connection)
                    if Bool.random(using: &random) { try await admit(over: connection) }
                    _ = try await store.ensure(unit, ahead: ahead, deadline: .patience)
                    #expect(try await store.ensure(unit, ahead: ahead, deadline: .patience) == 0)
                    let made = try #require(try await store.summary(deadline: .patience))
                    #expect(made.daysAhead >= ahead, "seed \(seed)")
                    try await connection.query("SELECT sluice.cover_recent('3 days')")
                    try await admit(over: connection)
                    let now = try #require(try await store.now(deadline: .patience))
                    try Self.check(try await store.list(deadline: .patience), from: now, days: ahead)
                }
            }
            #expect(try await world.count("recent") == world.count("calls WHERE admitted_at >= sluice.recent_from()"))
        }
    }

    private static let styles = [
        "SET timezone = 'UTC'", "SET timezone = 'Asia/Kolkata'; SET datestyle = 'German'",
        "SET timezone = 'America/St_Johns'; SET datestyle = 'SQL, DMY'",
        "SET timezone = 'Pacific/Kiritimati'; SET datestyle = 'Postgres, MDY'",
    ]

    private func admit(over connection: PostgresConnection) async throws {
        let store = PostgresStore(database: connection)
        let policy = try Policy.standard(limit: 3, length: .seconds(3_600))
        let results = try await store.admit([.fresh(), .fresh()], under: policy, deadline: .patience)
        for result in results {
            guard case .admitted = try result.get() else { throw Failure("\(result)") }
        }
    }

    private static func check(_ partitions: [LedgerPartition], from now: Timestamp, days: Int) throws {
        for (parent, own) in Dictionary(grouping: partitions, by: \.parent) {
            let sorted = own.sorted { $0.startsAt < $1.startsAt }
            for (earlier, later) in zip(sorted, sorted.dropFirst()) {
                #expect(earlier.endsAt <= later.startsAt, "\(parent): \(earlier.name) and \(later.name) overlap")
            }
            var reach = now
            for partition in sorted where partition.startsAt <= reach { reach = max(reach, partition.endsAt) }
            let wanted = now.advanced(by: .seconds(86_400 * days))
            #expect(reach > wanted, "\(parent) has a gap at \(reach)")
        }
    }

    @Test("A month begun by day goes on by day, the next ones are whole, and a switch back makes days again")
    func namesSayWhatIsHeld() async throws {
        try await PartitionWorld.with { world in
            try await world.setClock("2041-03-20 12:00Z")
            try await world.database.withConnection { connection in
                let store = PartitionStore(database: connection)
                _ = try await store.ensure(.day, ahead: 2, deadline: .patience)
                // Nine more days of March, and all of April.
                #expect(try await store.ensure(.month, ahead: 14, deadline: .patience) == 10)
                #expect(try await name("2041-03-31", connection) == "calls_20410331")
                #expect(try await name("2041-04-01", connection) == "calls_204104")
                #expect(try await name("2041-04-30", connection) == "calls_204104")
                #expect(try await name("2041-05-01", connection) == "calls_20410501")
                try await world.setClock("2041-04-25 12:00Z")
                #expect(try await store.ensure(.day, ahead: 14, deadline: .patience) == 9)
                #expect(try await name("2041-05-01", connection) == "calls_20410501")
                // What came late is recorded in the month, and in a day that nobody has made.
                try await connection.query("SELECT sluice.cover_recent('7 days')")
                try await admit(over: connection)
                try await store.recordLate(["2041-04-02 03:00Z", "2040-06-01 03:00Z"], over: connection)
            }
            #expect(try await world.count("calls_204104") == 3)
            #expect(try await world.count("calls_20400601") == 1)
        }
    }

    @Test("A table that has a day's name and is no partition is left alone")
    func takenName() async throws {
        try await PartitionWorld.with { world in
            try await world.database.withOwner { owner in
                try await owner.execute("CREATE TABLE sluice.calls_20410601 (); ")
                try await owner.query("SELECT sluice.ensure_partitions('2041-06-01', 1)")
                #expect(try await name("2041-06-01", owner) == "calls_20410601_2")
                #expect(try await name("2041-06-01", owner, of: "settlements") == "settlements_20410601")
            }
        }
    }

    @Test("A partition that somebody made by hand counts by what it holds")
    func madeByHand() async throws {
        try await PartitionWorld.with { world in
            try await world.setClock("2041-07-20 12:00Z")
            try await world.database.withConnection(as: .migrator) { owner in
                try await owner.execute("SET ROLE sluice_owner")
                for parent in ["calls", "settlements", "refusals"] {
                    try await owner.execute(
                        """
                        CREATE TABLE sluice.by_hand_\(parent) PARTITION OF sluice.\(parent)
                        FOR VALUES FROM ('2041-07-18 00:00Z') TO ('2041-07-25 00:00Z')
                        """)
                }
            }
            try await world.database.withConnection { connection in
                let store = PartitionStore(database: connection)
                #expect(try await store.ensure(.day, ahead: 5, deadline: .patience) == 1)
                try await connection.query("SELECT sluice.cover_recent()")
                try await admit(over: connection)
                #expect(try await name("2041-07-20", connection) == "by_hand_calls")
                #expect(try await store.summary(deadline: .patience)?.daysAhead == 5)
            }
        }
    }

    @Test(
        "Nonsense is refused by name", arguments: ["'week', 3", "NULL, 3", "'day', 0", "'month', 1000", "'day', NULL"])
    func nonsense(_ arguments: String) async throws {
        try await withTestDatabase { database in
            try await database.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.query("SELECT sluice.ensure_ahead(\(unescaped: arguments))")
                }
                #expect(error?.sqlState == SQLState("22023") && error?.server?.hint != nil)
            }
        }
    }

    private func name(
        _ day: String, _ connection: PostgresConnection, of parent: String = "calls"
    ) async throws -> String? {
        try await connection.query("SELECT sluice.partition_name(\(day)::text::date, \(parent))").first?.decode(at: 0)
    }
}

private struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension PartitionStore {
    /// Calls that were let through at these moments and come from a journal now.
    fileprivate func recordLate(_ moments: [String], over connection: PostgresConnection) async throws {
        for moment in moments {
            try await connection.query(
                """
                SELECT sluice.record_unchecked(ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], ARRAY[false],
                    ARRAY[1::bigint], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY[NULL]::sluice.call_origin[],
                    ARRAY['\(unescaped: moment)'::timestamptz], ARRAY[NULL]::timestamptz[], ARRAY[1], 'late')
                """)
        }
    }
}
