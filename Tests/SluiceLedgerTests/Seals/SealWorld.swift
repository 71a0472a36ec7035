import Logging
import Postgres
import SluiceLedger
import SluiceTesting
import Testing

/// A database whose ledger has three days in March 2025: one with everything, an empty one, one with little.
struct SealWorld {
    static let first = LedgerDay(number: 20_157)
    static let last = first.next.next

    let url: String

    /// As a replica connects.
    let app: PostgresConnection
    let auditor: PostgresConnection
    /// Superuser, on whom no trigger acts.
    let forger: PostgresConnection

    nonisolated(nonsending) static func with(
        isFilled: Bool = true, _ body: nonisolated(nonsending) (SealWorld) async throws -> Void
    ) async throws {
        try await PostgresServer.shared().withMigratedDatabase { url in
            try await with(url: url) { world in
                if isFilled { try await world.fill() }
                try await body(world)
            }
        }
    }

    nonisolated(nonsending) static func with(
        url: String, _ body: nonisolated(nonsending) (SealWorld) async throws -> Void
    ) async throws {
        let world = SealWorld(
            url: url, app: try await connect(.app, url), auditor: try await connect(.auditor, url),
            forger: try await connect(.superuser, url))
        try await world.forger.execute("SET session_replication_role = replica")
        do {
            try await body(world)
            await world.close()
        } catch {
            await world.close()
            throw error
        }
    }

    static func connect(_ role: TestRole, _ url: String) async throws -> PostgresConnection {
        let quiet = Logger(label: "seals") { _ in SwiftLogNoOpLogHandler() }
        return try await PostgresConnection.connect(
            PostgresConfiguration(url: role.url(like: url)), logger: quiet)
    }

    private func close() async {
        for connection in [app, auditor, forger] { await connection.close() }
    }

    /// The same rows in every database.
    func fill() async throws {
        try await forger.execute(
            """
            SELECT sluice.ensure_partitions('\(Self.first)', 3);
            \(Self.calls(on: Self.first, 0..<40, mode: "enforced"));
            \(Self.calls(on: Self.first, 40..<45, mode: "unchecked"));
            \(Self.calls(on: Self.last, 100..<103, mode: "shadow"));
            INSERT INTO sluice.settlements
            SELECT c.user_id, c.admitted_at + interval '1.5 s', c.call_id, c.admitted_at, E'gp\\tt-\\\\N', 100, 10, 5, 20, 3,
                CASE WHEN c.weight % 2 = 0 THEN 12345 END, CASE WHEN c.weight % 2 = 0 THEN 1 END, 'measured', false, 200, 33,
                NULL, 100, 20, 0, c.admitted_at
            FROM sluice.calls AS c WHERE c.running_total IS NOT NULL
            """)
    }

    /// Rows with everything that a text can hold.
    static func calls(on day: LedgerDay, _ numbers: Range<Int>, mode: String) -> String {
        """
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
            id_supplied, route, model, replica, key_id, logical_id, attempt, reserved_input, reserved_output, reserved_cost)
        SELECT md5('user' || n % 7)::uuid, '\(day) 00:00Z'::timestamptz + n * interval '61.000123 s', md5('call' || n)::uuid,
            1 + n % 3, \(mode == "unchecked" ? "NULL, NULL" : "1000 + n, '2025-03-01Z'"), 1, '\(mode)', n % 2 = 0,
            (ARRAY[E'a\\tb', E'\\\\N', E'line\\nfeed\\r\\b\\f\\x0B\\\\', 'ünïcödé 😀', NULL, '', E'\\x01\\x7f', '\\.'])[1 + n % 8],
            CASE WHEN n % 5 > 0 THEN 'gpt' END, 'replica', CASE WHEN n % 3 = 0 THEN md5('key')::uuid END, NULL,
            CASE WHEN n % 4 > 0 THEN n % 4 END, n, CASE WHEN n % 2 = 0 THEN n END, NULL
        FROM generate_series(\(numbers.lowerBound), \(numbers.upperBound - 1)) AS n
        """
    }

    /// Seals everything up to a day.
    @discardableResult
    func seal(until: LedgerDay = last) async throws -> [NewSeal] {
        var made: [NewSeal] = []
        while true {
            let seals = try await LedgerSealer(database: app).sealNext(until: until)
            guard !seals.isEmpty else { return made }
            made += seals
        }
    }

    /// Sums the days up, without which retention takes none. What is under way in other databases of the server holds it up.
    func sumUp() async throws {
        while try await text("SELECT rolled_until > '\(Self.last)' FROM sluice.rollup_progress") != "true" {
            try await app.query("SELECT sluice.roll_up(1000)", [])
        }
    }

    func verify(head: String? = nil, only day: LedgerDay? = nil) async throws -> SealReport {
        try await SealVerifier(connection: auditor).verify(from: day, until: day?.next, head: head)
    }

    func text(_ sql: String) async throws -> String {
        try await forger.query("SELECT (\(sql))::text", []).first?.decode(String?.self, at: 0) ?? "null"
    }
}
