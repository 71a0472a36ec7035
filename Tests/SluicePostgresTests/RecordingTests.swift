import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// What was let through in an outage gets exactly one row, whatever is repeated and in whichever order it arrives (invariant 4).
@Suite struct RecordingTests {
    private let policy: Policy

    init() throws {
        policy = try .standard(limit: 3, length: .seconds(3_600))
    }

    @Test func rowsKeepTheirOwnTimesAndAreAddedOnce() async throws {
        try await withStore { store, connection in
            let now = try await store.clock(deadline: .patience)
            let calls = try (1...3).map { second in
                UncheckedCall(
                    try Call(user: .fresh(), id: .fresh(), weight: 2, route: "r\(second)", model: "m"),
                    admittedAt: now.advanced(by: .seconds(-second)), policyID: 7)
            }
            #expect(try await record(calls, store) == [.recorded, .recorded, .recorded])
            #expect(try await record(calls.reversed(), store) == [.known, .known, .known])
            let rows = try await connection.query(
                """
                SELECT call_id, admitted_at, weight, mode::text, policy_id, route, model, replica, running_total
                FROM sluice.calls ORDER BY admitted_at DESC
                """)
            #expect(rows.count == 3)
            for (row, call) in zip(rows, calls) {
                #expect(try row.decode(CallID.self, at: 0) == call.call.id)
                #expect(try row.decode(Timestamp.self, at: 1) == call.admittedAt)
                #expect(try row.decode(Int64.self, at: 2) == 2)
                #expect(try row.decode(String.self, at: 3) == "unchecked")
                #expect(try row.decode(Int32.self, at: 4) == 7)
                #expect(try row.decode(String?.self, at: 5) == call.call.route)
                #expect(try row.decode(String?.self, at: 6) == "m")
                #expect(try row.decode(String?.self, at: 7) == "tester")
                #expect(try row.decode(Int64?.self, at: 8) == nil)
            }
        }
    }

    @Test func countsInTheWindowFromThenOn() async throws {
        try await withStore { store, _ in
            let user = UserID.fresh()
            let now = try await store.clock(deadline: .patience)
            let times = [30, 20, 10].map { now.advanced(by: .seconds(-$0)) }
            let calls = try times.map { UncheckedCall(try .fresh(user), admittedAt: $0, policyID: 1) }
            _ = try await record(calls, store)
            for others in [0, 1] {
                let batch = try [Call.fresh(user)] + (0..<others).map { _ in try Call.fresh() }
                let decision = try await store.admit(batch, under: policy, deadline: .patience)[0].get()
                guard case .refused(let refusal) = decision else {
                    Issue.record("\(decision)")
                    continue
                }
                #expect(refusal.windows.map(\.used) == [3])
                #expect(refusal.retryAt == times[0].advanced(by: .seconds(3_600)))
            }
        }
    }

    /// The question was answered by the ledger, and the answer was lost.
    @Test func aCallThatWasAdmittedNonethelessIsKnown() async throws {
        try await withStore { store, connection in
            let call = try Call.fresh()
            _ = try await store.admit([call], under: policy, deadline: .patience)
            let now = try await store.clock(deadline: .patience)
            let late = now.advanced(by: .seconds(1))
            let asked = UncheckedCall(
                call, admittedAt: late, policyID: 1, mayExistSince: now.advanced(by: .seconds(-60)))
            #expect(try await record([asked, asked], store) == [.known, .known])
            #expect(try await count(connection) == 1)
        }
    }

    /// The answer was lost, the call let through and recorded, and only then the first question reaches the server.
    @Test(arguments: [false, true]) func aQuestionThatComesLateAddsNothing(_ isSupplied: Bool) async throws {
        try await withStore { store, connection in
            let now = try await store.clock(deadline: .patience)
            // Outside of the window, which is shorter than a statement may be under way.
            let short = try Policy.standard(limit: 3, length: .seconds(1))
            let call = try Call(user: .fresh(), id: .fresh(), isIDSupplied: isSupplied)
            let unchecked = UncheckedCall(call, admittedAt: now.advanced(by: .seconds(-600)), policyID: 1)
            #expect(try await record([unchecked], store) == [.recorded])
            for others in [0, 1] {
                let batch = try [call] + (0..<others).map { _ in try Call(user: .fresh(), id: .fresh(), weight: 0) }
                let decision = try await store.admit(batch, under: short, deadline: .patience)[0].get()
                guard case .admitted(let admission) = decision else {
                    Issue.record("\(decision)")
                    continue
                }
                #expect(admission.isReplay && admission.mode == .unchecked)
                #expect(admission.admittedAt == unchecked.admittedAt)
            }
            // As a server that thaws would run it: nobody hears the answer, nobody asks a second time.
            try await connection.query(
                """
                SELECT sluice.admit_many(ARRAY[\(call.user)], ARRAY[\(call.id)], ARRAY[\(isSupplied)], '{1}', '{null}',
                    '{null}', '{null}', '{3}', '{1000000}', 1, NULL)
                """)
            #expect(try await count(connection) == 1)
        }
    }

    /// A caller that chose the id may come again with it: before the outage, in it, and several times.
    @Test func aSuppliedIDIsOneCall() async throws {
        try await withStore { store, connection in
            let before = try Call.fresh(id: .fresh())
            _ = try await store.admit([before], under: policy, deadline: .patience)
            let during = try Call.fresh(id: .fresh())
            let now = try await store.clock(deadline: .patience)
            let calls = [before, during, during, during].enumerated().map { index, call in
                UncheckedCall(call, admittedAt: now.advanced(by: .milliseconds(-index)), policyID: 1)
            }
            #expect(try await record(calls, store) == [.known, .known, .known, .recorded])
            let again = UncheckedCall(during, admittedAt: now.advanced(by: .milliseconds(-1)), policyID: 1)
            #expect(try await record([again], store) == [.known])
            #expect(try await count(connection) == 2)
        }
    }

    @Test func usersWhoAreBusyAreToldAndHoldUpNobody() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { stranger in
                try await database.withConnection { connection in
                    let store = PostgresStore(database: connection)
                    let (busy, free) = (try Call.fresh(), try Call.fresh())
                    try await stranger.execute("BEGIN")
                    try await stranger.query(
                        "SELECT pg_advisory_xact_lock(1936487795, sluice.lock_key(\(busy.user)))")
                    let now = try await store.clock(deadline: .patience)
                    let calls = [busy, free].map { UncheckedCall($0, admittedAt: now, policyID: 1) }
                    #expect(try await record(calls, store) == [.busy, .recorded])
                    try await stranger.execute("COMMIT")
                    #expect(try await record(calls, store) == [.recorded, .known])
                }
            }
        }
    }

    /// And where no partition is: the maintenance may not have come so far, or the retention may have come further.
    @Test func oldDaysAndWrongClocksAreTaken() async throws {
        try await withStore { store, connection in
            let now = try await store.clock(deadline: .patience)
            let old = UncheckedCall(
                try .fresh(), admittedAt: now.advanced(by: .seconds(-40 * 86_400)), policyID: 1)
            let ahead = UncheckedCall(try .fresh(), admittedAt: now.advanced(by: .seconds(90_000)), policyID: 1)
            #expect(try await record([old, ahead], store) == [.recorded, .recorded])
            #expect(try await record([old, ahead], store) == [.known, .known])
            let rows = try await connection.query("SELECT admitted_at FROM sluice.calls ORDER BY admitted_at")
            #expect(try rows.map { try $0.decode(Timestamp.self, at: 0) }.first == old.admittedAt)
            let last = try #require(try rows.map { try $0.decode(Timestamp.self, at: 0) }.last)
            #expect(last >= now && last < ahead.admittedAt)
        }
    }

    @Test func whatTheLedgerNeverTakesIsRejected() async throws {
        try await withStore { store, connection in
            let now = try await store.clock(deadline: .patience)
            let right = UncheckedCall(try .fresh(), admittedAt: now, policyID: 1)
            // A partition for each of many days would fill the schema.
            let days = try (1...40).map { day in
                UncheckedCall(try .fresh(), admittedAt: now.advanced(by: .seconds(-86_400 * (day + 100))), policyID: 1)
            }
            await #expect { _ = try await record([right] + days, store) } throws: {
                ($0 as? StoreError)?.kind == .rejected
            }
            #expect(try await count(connection) == 0)
            #expect(try await record([right] + days.prefix(20), store).allSatisfy { $0 == .recorded })
        }
    }

    /// A machine without a clock of its own begins in 1970, and nobody's clock may be anywhere.
    @Test(arguments: [0, -60_000_000_000_000_000, .max / 2] as [Int64])
    func timesOfWrongClocksCountFromNowOn(_ time: Int64) async throws {
        try await withStore { store, connection in
            let before = try await store.clock(deadline: .patience)
            let call = UncheckedCall(try .fresh(), admittedAt: Timestamp(microseconds: time), policyID: 1)
            #expect(try await record([call], store) == [.recorded])
            #expect(try await record([call], store) == [.known])
            let rows = try await connection.query("SELECT admitted_at FROM sluice.calls")
            let at = try #require(try rows.first?.decode(Timestamp.self, at: 0))
            #expect(rows.count == 1 && at >= before)
        }
    }

    /// Whoever flooded an outage stands far above the limit, and being told so costs no more for that.
    @Test func aFloodIsRefusedAsFastAsAnybody() async throws {
        try await withConnections { connection, owner in
            let store = PostgresStore(database: connection)
            let (user, now) = (UserID.fresh(), try await store.clock(deadline: .patience))
            _ = try await store.admit([.fresh(user)], under: policy, deadline: .patience)
            for batch in 0..<6 {
                let calls = try (0..<1_000).map { number in
                    let age = Duration.milliseconds(batch * 1_000 + number)
                    return UncheckedCall(try .fresh(user), admittedAt: now.advanced(by: .zero - age), policyID: 1)
                }
                _ = try await record(calls, store)
            }
            try await owner.query("ANALYZE sluice.calls")
            for others in [0, 1, 0, 1] {
                let before = try await tuplesRead(owner, "calls", by: connection)
                let calls = try [Call.fresh(user)] + (0..<others).map { _ in try Call.fresh() }
                let decision = try await store.admit(calls, under: policy, deadline: .patience)[0].get()
                guard case .refused(let refusal) = decision else {
                    Issue.record("\(decision)")
                    continue
                }
                // The third newest must leave: it is full with the admitted one, the newest of the flood, and this one.
                #expect(refusal.retryAt == now.advanced(by: .seconds(3_600) - .milliseconds(1)))
                #expect(refusal.windows.map(\.remaining) == [0])
                #expect(try await tuplesRead(owner, "calls", by: connection) - before < 6_000)
            }
        }
    }

    /// A probe that succeeds promises that a call can be counted.
    @Test func theProbeFailsWhereACallWouldFail() async throws {
        let faults = [
            ("DROP FUNCTION sluice.admit_many", StoreError.Kind.schema),
            ("ALTER FUNCTION sluice.admit_user RENAME TO admit_nobody", .schema),
            ("ALTER FUNCTION sluice.decide_each_recent RENAME TO decide_never", .schema),
            ("SET default_transaction_read_only = on", .unavailable),
            ("DROP SCHEMA sluice CASCADE", .schema),
        ]
        for (fault, kind) in faults {
            try await withConnections { connection, owner in
                let store = PostgresStore(database: connection)
                try await store.probe(deadline: .patience)
                #expect(try await count(owner) == 0)
                try await (fault.hasPrefix("SET") ? connection : owner).execute(fault)
                await #expect(Comment(rawValue: fault)) { try await store.probe(deadline: .patience) } throws: {
                    ($0 as? StoreError)?.kind == kind
                }
            }
        }
    }

    /// A plan that was made when the tables were empty must not read everybody's unchecked rows for each call.
    @Test func decisionsReadOnlyTheUncheckedRowsOfTheirUsers() async throws {
        try await withConnections { connection, owner in
            let store = PostgresStore(database: connection)
            let now = try await store.clock(deadline: .patience)
            func admit() async throws {
                let calls = try (0..<50).map { _ in try Call.fresh() }
                for result in try await store.admit(calls, under: policy, deadline: .patience) { _ = try result.get() }
            }
            // Plans are cached from here on.
            for _ in 0..<6 { try await admit() }
            for _ in 0..<4 {
                let calls = try (0..<500).map {
                    UncheckedCall(try .fresh(), admittedAt: now.advanced(by: .microseconds($0)), policyID: 1)
                }
                _ = try await record(calls, store)
            }
            let before = try await tuplesRead(owner, by: connection)
            for _ in 0..<10 { try await admit() }
            // One a batch tells that there are some.
            #expect(try await tuplesRead(owner, by: connection) - before <= 100)
        }
    }

    /// Entries of indexes that were read so far: of those of unchecked rows, or of all.
    private func tuplesRead(
        _ owner: PostgresConnection, _ kind: String = "unchecked", by connection: PostgresConnection
    ) async throws -> Int64 {
        try await connection.query("SELECT pg_stat_force_next_flush()")
        return try await owner.query(
            """
            SELECT coalesce(sum(s.idx_tup_read), 0)::bigint FROM pg_stat_user_indexes AS s
            JOIN pg_index AS i ON i.indexrelid = s.indexrelid
            WHERE s.schemaname = 'sluice'
                AND (\(kind) = 'calls' OR pg_get_expr(i.indpred, i.indrelid) ~ 'mode|running_total|total_since')
            """
        ).first?.decode(at: 0) ?? 0
    }

    /// A replica's store, and a superuser's connection.
    private func withStore(_ body: (PostgresStore, PostgresConnection) async throws -> Void) async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await body(PostgresStore(database: connection), owner)
            }
        }
    }

    private func withConnections(
        _ body: (_ connection: PostgresConnection, _ owner: PostgresConnection) async throws -> Void
    ) async throws {
        try await withTestDatabase { try await $0.withConnections(body) }
    }

    private func record(_ calls: [UncheckedCall], _ store: PostgresStore) async throws -> [UncheckedOutcome] {
        try await store.record(calls, replica: "tester", deadline: .patience)
    }

    private func count(_ connection: PostgresConnection) async throws -> Int64 {
        try await connection.query("SELECT count(*) FROM sluice.calls").first?.decode(at: 0) ?? -1
    }
}
