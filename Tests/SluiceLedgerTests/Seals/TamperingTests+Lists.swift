import Postgres
import SluiceLedger
import SluiceTesting
import Testing

/// What says that a row need not be looked at: the lists of unchecked calls, and what retention has taken.
extension TamperingTests {
    /// Seals of settlements, of another day, and one that there is not.
    @Test("A call that is listed for a seal that is none of its own is not sealed", arguments: [2, 3, 99])
    func strayCall(_ seal: Int) async throws {
        try await SealWorld.with { world in
            try await world.seal()
            try await world.forger.execute(
                """
                \(SealWorld.calls(on: SealWorld.first, 60..<61, mode: "unchecked"));
                INSERT INTO sluice.seal_late_calls (seal_no, user_id, admitted_at, call_id)
                SELECT \(seal), c.user_id, c.admitted_at, c.call_id FROM sluice.calls AS c WHERE c.call_id = md5('call60')::uuid
                """)
            let report = try await world.verify()
            #expect(report.problems.map(\.kind) == [.ranges], "\(report.problems)")
            #expect(report.problems.first?.expectedRows == 0 && report.problems.first?.foundRows == 1)
            #expect(report.waiting == [SealWorld.first: 1])
            #expect(try await world.seal().map(\.lateRows) == [1])
            #expect(try await world.verify().waiting.isEmpty)
        }
    }

    @Test("A day that retention takes while seals are compared is no difference")
    func retirementMeanwhile() async throws {
        try await SealWorld.with { world in
            try await world.sumUp()
            try await world.seal()
            let verification = try await world.forger.withTransaction { transaction in
                // Which is read after what retention has taken, and before rows.
                try await transaction.execute("LOCK TABLE sluice.seal_ranges")
                let verification = Task { try await world.verify() }
                let waiting: PostgresQuery =
                    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'sluice.seal_ranges'::regclass"
                while try await transaction.query(waiting).isEmpty {}
                try await world.app.execute("SELECT sluice.retire_partition('calls_20250310', 31, 'drop')")
                return verification
            }
            let report = try await verification.value
            #expect(report.problems == [] && report.goneDays == [SealWorld.first])
        }
    }
}
