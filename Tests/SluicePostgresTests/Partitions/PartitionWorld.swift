import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting

/// A database whose clock and whose past a test makes up.
struct PartitionWorld {
    let database: TestDatabase

    static func with(_ body: (PartitionWorld) async throws -> Void) async throws {
        try await withTestDatabase { database in try await body(PartitionWorld(database: database)) }
    }

    /// Sets the clock of every decision, which stands still from then on.
    func setClock(_ moment: String, hours: Int = 0) async throws {
        try await database.withOwner { owner in
            try await owner.execute(
                """
                CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
                AS $$SELECT '\(moment)'::timestamptz + interval '\(hours) hours'$$
                """)
        }
    }

    /// Makes partitions in the past, with so many calls of one user on each of their days. They may leave without having been sealed.
    func makePast(firstDay: String, days: Int, calls: Int = 3) async throws {
        try await database.withOwner { owner in
            try await owner.execute(
                """
                CREATE OR REPLACE FUNCTION sluice.may_retire(day_from date, day_until date) RETURNS boolean
                LANGUAGE sql STABLE AS 'SELECT true';
                SELECT sluice.ensure_partitions('\(firstDay)', \(days));
                INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied, route, model)
                SELECT '00000000-0000-4000-8000-000000000001', d + c * interval '1 minute', gen_random_uuid(), c, 1,
                    'unchecked', false, CASE c WHEN 1 THEN E'a "q", \\n b' WHEN 2 THEN '' END, NULL
                FROM generate_series('\(firstDay) 00:00Z'::timestamptz,
                    '\(firstDay) 00:00Z'::timestamptz + interval '24 hours' * \(days - 1), '24 hours') AS d,
                    generate_series(1, \(calls)) AS c
                """)
        }
    }

    func list() async throws -> [LedgerPartition] {
        try await database.withConnection { connection in
            try await PartitionStore(database: connection).list(deadline: .patience)
        }
    }

    func names(_ state: LedgerPartition.State, of parent: String = "calls") async throws -> [String] {
        try await list().filter { $0.state == state && $0.parent == parent }.map(\.name)
    }

    func count(_ table: String) async throws -> Int64? {
        try await database.withOwner { owner in
            try await owner.query("SELECT count(*) FROM sluice.\(unescaped: table)").first?.decode(at: 0)
        }
    }

    /// One maintenance, which is told to wait by `sleep`.
    func retire(
        _ rule: RetentionRule, longestWindow: Duration = .seconds(3_600),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in }
    ) async throws -> [String] {
        let exporter = rule.exportFolder.map { folder in
            PartitionExporter(database: database.configuration, folder: folder, logger: quiet)
        }
        return try await database.withConnection { connection in
            try await PartitionMaintenance(
                database: connection, plan: PartitionPlan(retention: rule), longestWindow: longestWindow,
                exporter: exporter, logger: quiet, sleep: sleep
            ).retire()
        }
    }
}
