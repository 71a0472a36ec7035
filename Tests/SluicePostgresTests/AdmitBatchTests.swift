import Postgres
import SluiceCore
import SluiceTesting
import Testing

@testable import SluicePostgres

/// The short way for a batch says what the long way says.
@Suite struct AdmitBatchTests {
    /// Both are asked the same question at the same moment about the same histories, each in a transaction that is taken back.
    @Test(arguments: 0..<12) func answersAsTheLongWayDoes(seed: UInt64) async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                try await owner.execute(UserHistory.clock)
                var random = SeededGenerator(seed: seed)
                var answers = ""
                for _ in 0..<25 {
                    let batch = Batch(using: &random)
                    for history in batch.histories { try await history.tell(owner) }
                    let short = try await batch.ask(owner, Batch.short)
                    let long = try await batch.ask(owner, batch.isOneUser ? Batch.user : Batch.many)
                    #expect(short == long, "seed \(seed), \(batch)")
                    answers += short.joined()
                }
                for outcome in ["admitted", "refused"] { #expect(answers.contains(outcome)) }
            }
        }
    }

    /// Maintenance moves the views some time after midnight. Until then the long way serves, and counts on.
    @Test func aDayThatBeganIsServedBeforeTheViewsMove() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await owner.execute(UserHistory.clock)
                try await owner.execute(Self.mark)
                let midnight = try await owner.query("SELECT sluice.open_until()")[0].decode(Timestamp.self, at: 0)
                let users = (0..<3).map { _ in UserID.fresh() }
                let store = PostgresStore(database: connection)
                for (nr, seconds) in [-2, -1, 1, 2].enumerated() {
                    if nr == 3 {
                        try await owner.set(midnight.advanced(by: .seconds(1.5)))
                        #expect(try await owner.query("SELECT sluice.cover_recent()")[0].decode(Bool.self, at: 0))
                    }
                    try await connection.set(midnight.advanced(by: .seconds(seconds)))
                    let calls = try users.map { try Call.fresh($0) }
                    for result in try await store.admit(calls, under: try .standard(), deadline: .patience) {
                        guard case .admitted(let admission) = try result.get() else {
                            Issue.record("\(result)")
                            return
                        }
                        #expect(admission.windows.map(\.used) == [Int64(nr + 1)])
                    }
                }
                let ways = try await owner.query(
                    """
                    SELECT string_agg(coalesce(route, 'long'), ' ' ORDER BY admitted_at) FROM sluice.calls GROUP BY user_id
                    """
                ).map { try $0.decode(String.self, at: 0) }
                #expect(ways == Array(repeating: "short short long short", count: 3))
            }
        }
    }

    @Test func aUserWhoseLockIsHeldIsBusyAndTheOthersAreDecided() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                let users = (0..<4).map { _ in UserID.fresh() }
                try await owner.execute("BEGIN")
                try await owner.query("SELECT pg_advisory_xact_lock(1936487795, sluice.lock_key($1))", [users[2]])
                let store = PostgresStore(database: connection)
                func admit(_ users: [UserID]) async throws -> [Result<Decision, StoreError>] {
                    let calls = try users.map { try Call.fresh($0) }
                    return try await store.admit(
                        calls, under: try .standard(), waitingForLocks: false, deadline: .patience)
                }
                let results = try await admit(users)
                #expect(results.map { (try? $0.get()) != nil } == [true, true, false, true])
                #expect(results[2] == .failure(.busy))
                #expect(try await admit([users[2], users[2]]) == [.failure(.busy), .failure(.busy)])
                try await owner.execute("COMMIT")
                let count = try await owner.query("SELECT count(*) FROM sluice.calls")[0].decode(Int64.self, at: 0)
                #expect(count == 3)
            }
        }
    }

    /// Only where a user's calls do not all fit, the long way tells which of them do.
    @Test func usersThatComeUpTwiceGoTheShortWay() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                try await owner.execute(Self.mark)
                let users = (0..<3).map { _ in UserID.fresh() }
                let policy = try Policy.standard(limit: 3)
                let store = PostgresStore(database: connection)
                func admit(_ places: [Int]) async throws -> [Int64?] {
                    let calls = try places.map { try Call.fresh(users[$0]) }
                    return try await store.admit(calls, under: policy, deadline: .patience).map { result in
                        guard case .admitted(let admission) = try result.get() else { return nil }
                        return admission.windows[0].used
                    }
                }
                #expect(try await admit([0, 1, 0, 2, 0]) == [1, 1, 2, 1, 3])
                #expect(try await admit([0, 1, 2, 1]) == [nil, 2, 2, 3])
                #expect(try await admit([2, 1, 2, 0]) == [3, nil, nil, nil])
                let ways = try await owner.query(
                    """
                    SELECT string_agg(coalesce(route, 'long'), ' ' ORDER BY admitted_at) FROM sluice.calls
                    GROUP BY user_id ORDER BY user_id = $1 DESC, user_id = $2 DESC
                    """, [users[0], users[1]]
                ).map { try $0.decode(String.self, at: 0) }
                #expect(ways == ["short short short", "short short short", "short short long"])
            }
        }
    }

    /// A replica that was started before the migration goes the long way, and finds the short one after.
    @Test func aSchemaWithoutItServesToo() async throws {
        try await withTestDatabase { database in
            try await database.withConnections { connection, owner in
                let store = PostgresStore(database: connection)
                func ways() async throws -> [String?] {
                    let calls = try [Call.fresh(), Call.fresh()]
                    for result in try await store.admit(calls, under: try .standard(), deadline: .patience) {
                        _ = try result.get()
                    }
                    return try await owner.query(
                        "SELECT route FROM sluice.calls WHERE call_id = ANY ($1)", [calls.map(\.id)]
                    ).map { try $0.decode(String?.self, at: 0) }
                }
                try await owner.execute(Self.mark)
                try await owner.execute("ALTER FUNCTION sluice.admit_batch RENAME TO admit_later")
                #expect(try await ways() == [nil, nil])
                try await owner.execute("ALTER FUNCTION sluice.admit_later RENAME TO admit_batch")
                for _ in 1..<NewerFunction.pauseLength { #expect(try await ways() == [nil, nil]) }
                #expect(try await ways() == ["short", "short"])
            }
        }
    }

    /// What no replica sends, but SQL can: it fares as it does on the long way, and no call of it is miscounted.
    @Test(arguments: [
        ["ARRAY[$1::uuid[]]", "$2", "$3"],
        ["$1", "ARRAY[$2::uuid[]]", "$3"],
        ["$1", "$2", "ARRAY[$3::bigint[]]"],
        ["$1[1:1]", "$2", "$3"],
        ["$1", "$2[1:1]", "$3"],
        ["$1", "$2", "$3[1:1]"],
        ["('[0:1]=' || $1::text)::uuid[]", "$2", "$3"],
        ["$1", "('[0:1]=' || $2::text)::uuid[]", "$3"],
        ["$1", "$2", "('[5:6]=' || $3::text)::bigint[]"],
        ["NULL", "$2", "$3"],
        ["$1", "NULL::uuid[]", "$3"],
        ["$1", "$2", "NULL"],
        ["$1", "$2", "ARRAY[$3[1], NULL]"],
        ["ARRAY[$1[1], NULL]", "$2", "$3"],
        ["$1", "ARRAY[$2[1], NULL]", "$3"],
        ["ARRAY[$1[1], $1[1]]", "$2", "$3"],
        ["$1", "ARRAY[$2[1], $2[1]]", "$3"],
    ])
    func oddArraysFareAsOnTheLongWay(_ arrays: [String]) async throws {
        try await withTestDatabase { database in
            try await database.withOwner { owner in
                let users = [UserID.fresh(), .fresh()]
                for user in users { try await owner.query("SELECT sluice.admit($1, 8, 10)", [user]) }
                for weight: Int64 in [1, 5] {
                    let values: [any PostgresEncodable] = [users, [CallID.fresh(), CallID.fresh()], [weight, weight]]
                    let short = try await outcome(of: Self.short(arrays), values, owner)
                    let long = try await outcome(of: Self.long(arrays), values, owner)
                    #expect(short == long, "weight \(weight)")
                }
            }
        }
    }

    /// The answers and the rows that came of them, or the error.
    private func outcome(
        of question: String, _ values: [any PostgresEncodable], _ connection: PostgresConnection
    ) async throws -> [String] {
        try await connection.execute("BEGIN")
        var found: [String]
        do {
            found = try await connection.query(question, values).map { try $0.decode(String.self, at: 0) }
            found += try await connection.query("SELECT count(*)::text FROM sluice.calls")
                .map { try $0.decode(String.self, at: 0) }
        } catch let error as PostgresError {
            found = [error.sqlState?.code ?? "\(error)"]
        }
        try await connection.execute("ROLLBACK")
        return found
    }

    private static func short(_ arrays: [String]) -> String {
        """
        SELECT d.outcome FROM sluice.admit_batch(\(arrays[0]), \(arrays[1]), NULL, \(arrays[2]), NULL, NULL, NULL,
            ARRAY[10::bigint], ARRAY[3600000000::bigint], 1, 'test') AS d, unnest(d.decided_at) ORDER BY 1
        """
    }

    private static func long(_ arrays: [String]) -> String {
        let ids = arrays[1]
        func fill(_ value: String) -> String { "array_fill(\(value), ARRAY[coalesce(cardinality(\(ids)), 2)])" }
        return """
            SELECT d.outcome FROM sluice.admit_many(\(arrays[0]), \(ids), \(fill("false")), \(arrays[2]),
                \(fill("NULL::text")), \(fill("NULL::text")), \(fill("NULL::sluice.call_origin")),
                ARRAY[10::bigint], ARRAY[3600000000::bigint], 1, 'test') AS d ORDER BY 1
            """
    }

    /// Calls that go the short way say so in their rows.
    private static let mark = """
        DO $$ BEGIN
            EXECUTE replace(pg_get_functiondef('sluice.admit_batch'::regproc), 't.route,', '''short'',');
        END $$
        """
}

extension PostgresConnection {
    /// Sets ``UserHistory/clock`` for this session.
    fileprivate func set(_ time: Timestamp) async throws {
        try await query("SELECT set_config('test.now', $1::text, false)", [time])
    }
}

/// Calls of users with histories: some of one, or of several.
private struct Batch: CustomStringConvertible {
    let histories: [UserHistory]
    private let users: [UserID]
    private let weights: [Int64]
    private let limit: Int64
    private let length: Int64
    private let ids: [CallID]

    var isOneUser: Bool { histories.count == 1 }

    init(using random: inout SeededGenerator) {
        let isOneUser = Int.random(in: 0..<3, using: &random) == 0
        let histories = (0..<(isOneUser ? 1 : 4)).map { _ in UserHistory(using: &random) }
        let isRepeated = Bool.random(using: &random)
        let places = isOneUser ? [0, 0, 0] : isRepeated ? [0, 1, 2, 3, 1, 3, 1] : [0, 1, 2, 3]
        let weight = Int64.random(in: 1...3, using: &random)
        let isOneWeight = Bool.random(using: &random)
        self.histories = histories
        users = places.map { histories[$0].user }
        // A call of weight 0 goes the long way, and those that come with it.
        let least: Int64 = Int.random(in: 0..<4, using: &random) == 0 ? 0 : 1
        weights = places.map { _ in isOneWeight ? weight : Int64.random(in: least...4, using: &random) }
        limit = Int64.random(in: 1...(isRepeated ? 40 : 14), using: &random)
        length = Int64.random(in: 1...60, using: &random) * 1_000_000
        ids = places.map { _ in .fresh() }
    }

    var description: String { "\(histories), limit \(limit), length \(length), users \(users), weights \(weights)" }

    static let short = """
        SELECT coalesce(d.positions[n], n), d.outcome, d.decided_at[n], d.retry_at[n], d.used[n], d.reset_at[n]
        FROM sluice.admit_batch($1, $2, NULL, $3, NULL, NULL, NULL, $4, $5, 1, 'test') AS d,
            generate_series(1, cardinality(d.decided_at)) AS n
        """
    static let many = """
        SELECT d."position", d.outcome, d.decided_at, d.retry_at, d.used[1], d.reset_at[1]
        FROM sluice.admit_many($1, $2, \(nothings), $4, $5, 1, 'test') AS d
        """
    static let user = """
        SELECT d."position", d.outcome, d.decided_at, d.retry_at, d.used[1], d.reset_at[1]
        FROM unnest(sluice.admit_user($1[1], $2, \(nothings), $4, $5, 1, 'test', false)) AS d
        """
    /// What the short way may leave out, around the weights.
    private static let nothings = """
        array_fill(false, ARRAY[cardinality($2)]), $3, array_fill(NULL::text, ARRAY[cardinality($2)]),
            array_fill(NULL::text, ARRAY[cardinality($2)]), array_fill(NULL::sluice.call_origin, ARRAY[cardinality($2)])
        """

    /// The answers in order and the rows that they added, as text.
    func ask(_ connection: PostgresConnection, _ question: String) async throws -> [String] {
        try await connection.execute("BEGIN")
        let answers = try await connection.query(
            "SELECT d::text FROM (\(question)) AS d(a, b, c, e, f, g) ORDER BY a",
            [users, ids, weights, [limit], [length]])
        let rows = try await connection.query(
            "SELECT to_jsonb(c)::text FROM sluice.calls AS c WHERE call_id = ANY ($1) ORDER BY call_id", [ids])
        try await connection.execute("ROLLBACK")
        return try (Array(answers) + Array(rows)).map { try $0.decode(String.self, at: 0) }
    }
}
