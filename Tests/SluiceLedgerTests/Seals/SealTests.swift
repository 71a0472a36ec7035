import Postgres
import SluiceLedger
import SluiceTesting
import Testing

/// Days that are over are sealed, in order, once, by whoever comes first.
@Suite("Sealing", .timeLimit(.minutes(10)))
struct SealTests {
    @Test("What was sealed is found as it was, by an auditor")
    func agreement() async throws {
        try await SealWorld.with { world in
            let seals = try await world.seal()
            #expect(seals.map(\.number) == Array(1...6))
            #expect(
                seals.map(\.rows) == [40, 40, 0, 0, 3, 3] && seals.map(\.lateRows) == [5, 0, 0, 0, 0, 0])
            let report = try await world.verify(head: seals.first?.chain)
            #expect(report.problems == [] && report.waiting.isEmpty && report.goneDays.isEmpty)
            #expect(
                report.days == 3 && report.rows == 91 && report.seals == 6
                    && report.head == seals.last?.chain)
            #expect(
                report.unsealedDays.first == nil || report.unsealedDays.allSatisfy { $0 > SealWorld.last })
        }
    }

    @Test(
        "The database's lines are those of COPY, whatever a text holds", arguments: LedgerTable.allCases
    )
    func lines(_ table: LedgerTable) async throws {
        try await SealWorld.with { world in
            let session = world.forger
            try await session.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'")
            var copied: [UInt8] = []
            let columns = table == .calls ? "call_id" : "settled_at"
            try await session.copyOut(
                "COPY (SELECT * FROM sluice.ledger_\(table.rawValue) ORDER BY \(columns)) TO STDOUT"
            ) { copied += $0 }
            let line = table == .calls ? "call_line" : "settlement_line"
            let made = try await session.query(
                """
                SELECT string_agg(sluice.\(unescaped: line)(r) || E'\\n', '' ORDER BY \(unescaped: columns))
                FROM sluice.\(unescaped: table.rawValue) AS r
                """)
            #expect(try made.first?.decode(String.self, at: 0) == String(decoding: copied, as: UTF8.self))
        }
    }

    @Test("The settings of server and session do not matter")
    func settings() async throws {
        var digests: [[String]] = []
        for settings in [
            [], ["TimeZone = 'Asia/Kathmandu'", "DateStyle = 'SQL, DMY'", "bytea_output = 'escape'"],
        ] {
            try await SealWorld.with { plain in
                let name = try await plain.text("current_database()")
                for setting in settings {
                    try await plain.forger.execute("ALTER DATABASE \(name) SET \(setting)")
                }
                try await SealWorld.with(url: plain.url) { world in
                    try await world.seal()
                    #expect(try await world.verify().problems == [])
                    digests.append([
                        try await world.text(
                            "SELECT string_agg(digest || late_digest, ',' ORDER BY seal_no) FROM sluice.seal_chain"
                        )
                    ])
                }
            }
        }
        #expect(digests.count == 2 && digests.first == digests.last)
    }

    @Test("Only what is over for long enough is sealed, and not twice")
    func order() async throws {
        try await SealWorld.with { world in
            let before = try await world.seal(until: LedgerDay(number: SealWorld.first.number - 1))
            #expect(before == [])
            let first = try await world.seal(until: SealWorld.first)
            #expect(first.map(\.day) == [SealWorld.first, SealWorld.first])
            #expect(try await world.seal(until: SealWorld.first) == [])
            #expect(try await world.seal().count == 4)
        }
    }

    @Test("A day that is just over is not sealed, whoever asks")
    func haste() async throws {
        try await SealWorld.with { world in
            await #expect { try await world.app.execute("SELECT sluice.seal_day('10 minutes')") } throws: {
                ($0 as? PostgresError)?.sqlState == SQLState("22023")
            }
        }
    }

    @Test("An empty ledger has nothing to seal")
    func emptiness() async throws {
        try await SealWorld.with(isFilled: false) { world in
            #expect(try await world.seal() == [])
            let report = try await world.verify()
            #expect(report.head == nil && report.problems == [])
        }
    }

    @Test("Replicas that seal at once make one chain")
    func together() async throws {
        try await SealWorld.with { world in
            let url = world.url
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let connection = try await SealWorld.connect(.app, url)
                        let sealer = LedgerSealer(database: connection)
                        var count = 0
                        while true {
                            do throws(PostgresError) {
                                let seals = try await sealer.sealNext(until: SealWorld.last)
                                guard !seals.isEmpty else { break }
                                count += seals.count
                            } catch {
                                guard error.sqlState == .lockNotAvailable else { throw error }
                                await Task.yield()
                            }
                        }
                        await connection.close()
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(made == 6)
            #expect(try await world.verify().problems == [])
        }
    }

    @Test("A transaction that still adds rows of the day holds its seal up")
    func writersUnderWay() async throws {
        try await SealWorld.with { world in
            try await world.forger.execute(
                "BEGIN; \(SealWorld.calls(on: SealWorld.first, 60..<61, mode: "enforced"))")
            await #expect { try await world.seal() } throws: {
                ($0 as? PostgresError)?.sqlState == .lockNotAvailable
            }
            try await world.forger.execute("COMMIT")
            #expect(try await world.seal().first?.rows == 41)
            #expect(try await world.verify().problems == [])
        }
    }

    @Test("Admissions go on while days are sealed")
    func admissions() async throws {
        try await SealWorld.with { world in
            let admitting = try await SealWorld.connect(.app, world.url)
            async let seals = world.seal()
            for _ in 0..<100 {
                try await admitting.query(
                    "SELECT sluice.admit(gen_random_uuid())", [], deadline: .now + .seconds(30))
            }
            #expect(try await seals.count == 6)
            await admitting.close()
            #expect(try await world.verify().problems == [])
        }
    }

    @Test("A year without a call is sealed day by day")
    func year() async throws {
        try await SealWorld.with { world in
            let end = LedgerDay(number: SealWorld.first.number + 365)
            #expect(try await world.seal(until: end).count == 2 * 366)
            let report = try await world.verify()
            #expect(report.problems == [] && report.days == 366)
        }
    }

    @Test("Seals are made by the function alone, and never changed")
    func privileges() async throws {
        try await SealWorld.with { world in
            try await world.seal()
            let owner = try await SealWorld.connect(.superuser, world.url)
            for table in ["seals", "seal_ranges", "seal_late_calls"] {
                for change in [
                    "UPDATE sluice.\(table) SET seal_no = seal_no + 1", "DELETE FROM sluice.\(table)",
                    "TRUNCATE sluice.\(table) CASCADE",
                ] {
                    await #expect { try await owner.execute(change) } throws: {
                        ($0 as? PostgresError)?.sqlState == SQLState("23001")
                    }
                }
            }
            await owner.close()
            for (connection, sql) in [
                (world.auditor, "SELECT sluice.seal_day()"), (world.auditor, "SELECT * FROM sluice.seals"),
                (world.app, "SELECT * FROM sluice.seal_chain"),
                (world.app, "SELECT sluice.add_seal('calls', '2025-01-01', 0)"),
                (world.app, "SELECT * FROM sluice.ledger_calls"),
            ] {
                await #expect { try await connection.execute(sql) } throws: {
                    ($0 as? PostgresError)?.sqlState == .insufficientPrivilege
                }
            }
        }
    }
}
