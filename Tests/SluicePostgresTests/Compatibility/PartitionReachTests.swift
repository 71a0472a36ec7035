import Postgres
import SluiceTesting
import Testing

/// A ledger of 400 days costs a decision no more than one of a few: it locks and reads the partitions of its window.
@Suite struct PartitionReachTests {
    /// A statement, and how many partitions it may touch.
    struct Question: Sendable {
        let name: String
        let sql: String
        let locked: Int
        let scanned: Int
    }

    private static let days = 400
    private static let user = "'5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10'"

    /// Of the four days that windows of an hour can meet: yesterday's to the day's after tomorrow.
    private static let few = 5

    /// - Parameter length: of the window, in microseconds.
    private static func calls(length: String) -> String {
        """
        ARRAY[sluice.new_call_id()], ARRAY[true], ARRAY[1::bigint], ARRAY[NULL::text], ARRAY[NULL::text],
        ARRAY[NULL::sluice.call_origin], ARRAY[100::bigint], ARRAY[\(length)], 1, 'test'
        """
    }

    private static let questions = [
        Question(name: "admit", sql: "SELECT sluice.admit(\(user))", locked: few, scanned: few),
        Question(
            name: "admit_user", sql: "SELECT sluice.admit_user(\(user), \(calls(length: "3600000000")))", locked: few,
            scanned: few),
        Question(
            name: "admit_user, 30 days", sql: "SELECT sluice.admit_user(\(user), \(calls(length: "2592000000000")))",
            locked: 35, scanned: 35),
        Question(
            name: "admit_one",
            sql: """
                SELECT sluice.admit_one(\(user), sluice.new_call_id(), false, 1, NULL, NULL, NULL, ARRAY[100::bigint],
                    ARRAY[3600000000], 1, 'test')
                """, locked: few, scanned: few),
        Question(
            name: "admit_many",
            sql: "SELECT sluice.admit_many(ARRAY[\(user)::uuid], \(calls(length: "3600000000")))", locked: few,
            scanned: few),
        Question(name: "peek", sql: "SELECT sluice.peek(\(user))", locked: few, scanned: few),
        Question(name: "user_facts", sql: "SELECT sluice.user_facts(\(user))", locked: 2 * few, scanned: 2 * few),
        Question(name: "expire_calls", sql: "SELECT sluice.expire_calls('1 hour')", locked: 2 * few, scanned: 2 * few),
        // It looks for the call from a day ago on, which includes what was made ahead.
        Question(
            name: "record_unchecked",
            sql: """
                SELECT sluice.record_unchecked(ARRAY[\(user)::uuid], ARRAY[sluice.new_call_id()], ARRAY[false], ARRAY[1::bigint],
                    ARRAY[NULL::text], ARRAY[NULL::text], ARRAY[NULL::sluice.call_origin], ARRAY[clock_timestamp()],
                    ARRAY[NULL::timestamptz], ARRAY[1], 'test')
                """, locked: 14, scanned: 14),
        // Its plan is kept, which names every partition of the settlements; it reads a week's at most.
        Question(
            name: "settle_many",
            sql: """
                SELECT sluice.settle_many(ARRAY[\(user)::uuid], ARRAY[sluice.new_call_id()], ARRAY[clock_timestamp()],
                    ARRAY[NULL::text], ARRAY[1::bigint], ARRAY[0::bigint], ARRAY[0::bigint], ARRAY[1::bigint], ARRAY[0::bigint],
                    ARRAY['measured'], ARRAY[200::smallint], ARRAY[5::bigint], 'test')
                """, locked: days + 10, scanned: 12),
    ]

    @Test func decisionsTouchThePartitionsOfTheirWindow() async throws {
        try await withTestDatabase { database in
            try await database.withConnection { app in
                for back in stride(from: Self.days - 10, to: -10, by: -100) {
                    _ = try await app.query("SELECT sluice.ensure_partitions(current_date - \(back), 100)", [])
                }
                _ = try await app.query("SELECT sluice.cover_recent()", [])
                for question in Self.questions {
                    let reach = try await PartitionReach.measure(question.sql, app)
                    #expect(reach.locked.count <= question.locked, "\(question.name) locks")
                    #expect(reach.scanned.count <= question.scanned, "\(question.name) reads")
                    #expect(!reach.locked.isEmpty)
                }
            }
        }
    }
}
