import Logging
import Postgres
import SluiceLedger
import SluiceTesting
import Testing

/// What replicas do by themselves.
@Suite("Maintenance of seals", .timeLimit(.minutes(10)))
struct SealMaintenanceTests {
    private static let quiet = Logger(label: "seals") { _ in SwiftLogNoOpLogHandler() }

    @Test("Every replica looks; all days that are over get sealed once")
    func look() async throws {
        try await SealWorld.with(isFilled: false) { world in
            try await world.forger.execute(
                """
                SELECT sluice.ensure_partitions((now() AT TIME ZONE 'UTC')::date - 5, 5);
                INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied)
                VALUES (gen_random_uuid(), now() - interval '5 days', gen_random_uuid(), 1, 1, 'unchecked', false)
                """)
            let maintenance = try Self.maintenance(of: world)
            async let first: Void = Self.seal(maintenance)
            async let second: Void = Self.seal(maintenance)
            _ = try await (first, second)
            #expect(try await maintenance.seal() == 0)
            let report = try await world.verify()
            // To the day before yesterday; until two in the morning, to the one before that.
            #expect(report.problems == [] && (report.seals == 8 || report.seals == 6))
        }
    }

    @Test("A schema that is older is no reason to stop")
    func olderSchema() async throws {
        try await SealWorld.with(isFilled: false) { world in
            try await world.forger.execute("DROP FUNCTION sluice.seal_day(interval, date)")
            let maintenance = try Self.maintenance(of: world)
            await #expect { try await maintenance.seal() } throws: {
                ($0 as? PostgresError)?.sqlState == .undefinedFunction
            }
            let running = Task { await maintenance.run() }
            running.cancel()
            await running.value
        }
    }

    private static func maintenance(of world: SealWorld) throws -> SealMaintenance {
        let database = try PostgresConfiguration(url: TestRole.app.url(like: world.url))
        return SealMaintenance(database: database, closedAfter: .seconds(26 * 3_600), logger: quiet)
    }

    /// One replica's look, which ends when another one takes its turn.
    private static func seal(_ maintenance: SealMaintenance) async throws {
        do throws(PostgresError) {
            try await maintenance.seal()
        } catch {
            guard error.sqlState == .lockNotAvailable else { throw error }
        }
    }
}
