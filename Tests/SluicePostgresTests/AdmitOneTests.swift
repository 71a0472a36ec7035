import Postgres
import SluiceCore
import SluiceTesting
import Testing

@testable import SluicePostgres

/// The short way says what the long way says.
@Suite struct AdmitOneTests {
    /// Both are asked the same question at the same moment about the same history, each in a transaction that is taken back.
    @Test(arguments: 0..<12) func answersAsAdmitUserDoes(seed: UInt64) async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                try await owner.execute(Self.clock)
                var random = SeededGenerator(seed: seed)
                for _ in 0..<25 {
                    let history = History(using: &random)
                    try await history.tell(owner)
                    let (one, user) = (try await history.ask(owner, Self.one), try await history.ask(owner, Self.user))
                    #expect(one == user, "seed \(seed), \(history)")
                }
            }
        }
    }

    /// A replica that was started before the migration goes the long way, and finds the short one after.
    @Test func aSchemaWithoutItServesToo() async throws {
        let policy = try Policy.standard(limit: 1_000_000, length: .seconds(60))
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await owner.execute("ALTER FUNCTION sluice.admit_one RENAME TO admit_two")
                let store = PostgresStore(database: connection)
                let user = UserID.fresh()
                func isAdmitted() async throws -> Bool {
                    if case .admitted = try await store.admit([.fresh(user)], under: policy, deadline: .patience)[0]
                        .get()
                    {
                        true
                    } else {
                        false
                    }
                }
                #expect(try await isAdmitted())
                try await owner.execute("ALTER FUNCTION sluice.admit_two RENAME TO admit_one")
                try await owner.execute(Self.mark)
                for _ in 0..<NewerFunction.pauseLength { #expect(try await isAdmitted()) }
                let marked = try await owner.query("SELECT count(*) FROM sluice.calls WHERE route = 'short'")[0]
                #expect(try marked.decode(Int64.self, at: 0) == 1)
            }
        }
    }

    /// A clock that a session sets for itself.
    private static let clock = """
        CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS $$SELECT current_setting('test.now')::timestamptz$$
        """

    /// Calls that go the short way say so in their rows.
    private static let mark = """
        DO $$ BEGIN
            EXECUTE replace(pg_get_functiondef('sluice.admit_one'::regproc), 'false, route, model', 'false, ''short'', model');
        END $$
        """

    static let one = "sluice.admit_one($1, $2, $3, $4, 'r', 'm', NULL, $5, $6, 1, 'test')"
    static let user = """
        (sluice.admit_user($1, ARRAY[$2], ARRAY[$3], ARRAY[$4], ARRAY['r'], ARRAY['m'], ARRAY[NULL]::sluice.call_origin[],
            $5, $6, 1, 'test', false))[1]
        """
}

/// What happened to a user, and a question.
private struct History: CustomStringConvertible {
    let user = UserID.fresh()
    let call = CallID.fresh()
    /// Seconds before the question, with the weight; unchecked or not.
    var rows: [(ago: Double, weight: Int64, isUnchecked: Bool)] = []
    var limits: [Int64] = []
    var lengths: [Int64] = []
    var weight: Int64 = 1
    var isSupplied = false

    init(using random: inout SeededGenerator) {
        let usesUnchecked = Int.random(in: 0..<4, using: &random) == 0
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            rows.append(
                (
                    Double.random(in: -2...90, using: &random), Int64.random(in: 1...3, using: &random),
                    usesUnchecked && Bool.random(using: &random)
                ))
        }
        rows.sort { $0.ago > $1.ago }
        let windows = Int.random(in: 0..<5, using: &random) == 0 ? 2 : 1
        limits = (0..<windows).map { _ in Int64.random(in: 0...12, using: &random) }
        lengths = (0..<windows).map { _ in Int64.random(in: 1...60, using: &random) * 1_000_000 }
        weight = Int64.random(in: 0...4, using: &random)
        isSupplied = Int.random(in: 0..<6, using: &random) == 0
    }

    var description: String { "rows \(rows), limits \(limits), lengths \(lengths), weight \(weight), \(isSupplied)" }

    private static let base = "date_trunc('second', now())"

    /// Adds the rows: those in order as an admission does, under a window that is short or long, so that totals begin anew
    /// now and then.
    func tell(_ connection: PostgresConnection) async throws {
        for row in rows {
            let at = "clock_timestamp() - interval '\(row.ago) seconds'"
            try await connection.execute("SELECT set_config('test.now', (\(at))::text, false)")
            if row.isUnchecked {
                try await connection.query(
                    """
                    INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, policy_id, mode, id_supplied)
                    VALUES ($1, sluice.clock(), gen_random_uuid(), $2, 1, 'unchecked', false)
                    """, [user, row.weight])
            } else {
                try await connection.query(
                    """
                    SELECT sluice.admit_user($1, ARRAY[gen_random_uuid()], ARRAY[false], ARRAY[$2], ARRAY['r'], ARRAY['m'],
                        ARRAY[NULL]::sluice.call_origin[], ARRAY[1000::bigint], ARRAY[20000000::bigint], 1, 'test')
                    """, [user, row.weight])
            }
        }
        try await connection.execute("SELECT set_config('test.now', clock_timestamp()::text, false)")
    }

    /// The answer and the row that it added, as text.
    func ask(_ connection: PostgresConnection, _ function: String) async throws -> [String?] {
        try await connection.execute("BEGIN")
        let answer = try await connection.query(
            "SELECT (\(function))::text", [user, call, isSupplied, weight, limits, lengths])
        let row = try await connection.query(
            "SELECT to_jsonb(c)::text FROM sluice.calls AS c WHERE user_id = $1 AND call_id = $2", [user, call])
        try await connection.execute("ROLLBACK")
        return try (Array(answer) + Array(row)).map { try $0.decode(String?.self, at: 0) }
    }
}
