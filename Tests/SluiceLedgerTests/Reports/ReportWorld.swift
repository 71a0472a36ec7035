import Logging
import Postgres
import SluiceCore
import SluiceLedger
import SluicePostgres
import SluiceTesting
import Testing

/// A migrated database whose ledger is written by hand, and looked at as an auditor does.
struct ReportWorld {
    /// A superuser's.
    let owner: PostgresConnection
    /// Of a member of `sluice_audit`.
    let auditor: PostgresConnection
    let url: String

    static let quiet = Logger(label: "reports") { _ in SwiftLogNoOpLogHandler() }

    static func with(_ body: (ReportWorld) async throws -> Void) async throws {
        let server = try await PostgresServer.shared()
        try await server.withMigratedDatabase(as: .superuser) { url in
            let owner = try await PostgresConnection.connect(try PostgresConfiguration(url: url), logger: quiet)
            let auditor = try await PostgresConnection.connect(
                try PostgresConfiguration(url: TestRole.auditor.url(like: url)), logger: quiet)
            do {
                try await body(ReportWorld(owner: owner, auditor: auditor, url: url))
            } catch {
                await owner.close()
                await auditor.close()
                throw error
            }
            await owner.close()
            await auditor.close()
        }
    }

    var reports: LedgerReports { LedgerReports(database: auditor) }

    /// Makes the partitions of the days from this one on.
    func prepare(from day: String, days: Int) async throws {
        try await owner.query("SELECT sluice.ensure_partitions($1::text::date, $2)", [day, Int32(days)])
    }

    /// Sums up until the days before this one are; others' transactions on the server hold it up for a while.
    func rollUp(until day: String) async throws {
        while try await rolledUntil() < day { try await owner.query("SELECT sluice.roll_up(1000)", []) }
    }

    /// Sums up what came late.
    func rollUpLate() async throws {
        try await owner.query("SELECT sluice.roll_up(1000, late_every => interval '0')", [])
    }

    func rolledUntil() async throws -> String {
        try await owner.query("SELECT rolled_until::text FROM sluice.rollup_progress", [])[0].decode(at: 0)
    }

    /// The UTC day that it is, and some days before.
    func today(minus days: Int = 0) async throws -> String {
        try await owner.query("SELECT ((sluice.clock() AT TIME ZONE 'UTC')::date - $1)::text", [Int32(days)])[0].decode(
            at: 0)
    }

    func write(_ calls: [WrittenCall]) async throws {
        guard !calls.isEmpty else { return }
        try await owner.execute(WrittenCall.insertion(of: calls))
    }

    func write(_ settlements: [WrittenSettlement]) async throws {
        guard !settlements.isEmpty else { return }
        try await owner.execute(WrittenSettlement.insertion(of: settlements))
    }

    /// How many rows of two queries differ.
    func difference(_ found: String, _ expected: String) async throws -> Int64 {
        let sql = """
            SELECT count(*) FROM (
                ((\(found)) EXCEPT ALL (\(expected))) UNION ALL ((\(expected)) EXCEPT ALL (\(found)))
            ) AS d
            """
        return try await owner.query(sql, [])[0].decode(at: 0)
    }
}
