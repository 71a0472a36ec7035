import Postgres
import SluiceLedger
import SluiceTesting
import Testing

/// Unchecked calls that come after their day was sealed, and rows that retention takes.
@Suite("Amendments", .timeLimit(.minutes(10)))
struct AmendmentTests {
    @Test("Late calls wait, and are sealed by themselves, each lot in an amendment")
    func late() async throws {
        try await SealWorld.with { world in
            try await world.seal()
            try await world.forger.execute(
                SealWorld.calls(on: SealWorld.first, 200..<202, mode: "unchecked"))
            #expect(try await world.verify().waiting == [SealWorld.first: 2])
            #expect(try await world.verify().problems == [])
            let seals = try await world.seal()
            #expect(
                seals.map(\.amendment) == [1] && seals.map(\.rows) == [0] && seals.map(\.lateRows) == [2])
            try await world.forger.execute(
                SealWorld.calls(on: SealWorld.last, 202..<203, mode: "unchecked"))
            try await world.forger.execute(
                SealWorld.calls(on: SealWorld.first, 203..<204, mode: "unchecked"))
            #expect(try await world.seal().map(\.amendment) == [2, 1])
            let report = try await world.verify()
            #expect(report.problems == [] && report.waiting.isEmpty && report.seals == 9)
            let day = try await world.text(
                "SELECT concat_ws(' ', calls, unchecked, amended, amendments) FROM sluice.sealed_days WHERE day = '\(SealWorld.first)'"
            )
            #expect(day == "48 8 3 2")
        }
    }

    @Test("An amendment covers up nothing that was sealed before")
    func laundering() async throws {
        try await SealWorld.with { world in
            try await world.seal()
            try await world.forger.execute(
                """
                UPDATE sluice.calls SET weight = 9 WHERE call_id = md5('call41')::uuid;
                DELETE FROM sluice.calls WHERE call_id = md5('call42')::uuid;
                \(SealWorld.calls(on: SealWorld.first, 200..<202, mode: "unchecked"))
                """)
            #expect(try await world.seal().map(\.lateRows) == [2])
            let problems = try await world.verify().problems
            #expect(
                problems.map(\.kind) == [.rows] && problems.first?.part == .late
                    && problems.first?.seal == 1)
            #expect(problems.first?.expectedRows == 5 && problems.first?.foundRows == 4)
        }
    }

    @Test("Calls that come to days before the first sealed one are sealed, too")
    func early() async throws {
        try await SealWorld.with { world in
            try await world.seal()
            let day = LedgerDay(number: SealWorld.first.number - 30)
            try await world.forger.execute(
                "SELECT sluice.ensure_partitions('\(day)'); \(SealWorld.calls(on: day, 300..<301, mode: "unchecked"))"
            )
            #expect(try await world.verify().waiting == [day: 1])
            #expect(try await world.seal().map(\.day) == [day])
            #expect(try await world.verify().waiting.isEmpty)
            #expect(try await world.verify().problems == [])
        }
    }

    @Test(
        "Retention takes only what is sealed; its chain stays, and what comes late afterwards is sealed"
    )
    func retention() async throws {
        try await SealWorld.with { world in
            try await world.sumUp()
            let name = "calls_20250310"
            await #expect {
                try await world.app.execute("SELECT sluice.retire_partition('\(name)', 31, 'drop')")
            } throws: {
                ($0 as? PostgresError)?.sqlState == SQLState("55000")
            }
            try await world.seal()
            try await world.forger.execute(
                SealWorld.calls(on: SealWorld.first, 200..<201, mode: "unchecked"))
            await #expect {
                try await world.app.execute("SELECT sluice.retire_partition('\(name)', 31, 'drop')")
            } throws: {
                ($0 as? PostgresError)?.sqlState == SQLState("55000")
            }
            try await world.seal()
            try await world.app.execute("SELECT sluice.retire_partition('\(name)', 31, 'drop')")
            let report = try await world.verify()
            #expect(report.problems == [] && report.goneDays == [SealWorld.first] && report.days == 3)
            try await world.forger.execute(
                "SELECT sluice.ensure_partitions('\(SealWorld.first)'); \(SealWorld.calls(on: SealWorld.first, 201..<203, mode: "unchecked"))"
            )
            #expect(try await world.seal().map(\.lateRows) == [2])
            #expect(try await world.verify().problems == [])
            try await world.forger.execute(
                "UPDATE sluice.calls SET weight = 9 WHERE call_id = md5('call201')::uuid")
            #expect(try await world.verify().problems.map(\.kind) == [.rows])
        }
    }
}
