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
                try await owner.execute(UserHistory.clock)
                var random = SeededGenerator(seed: seed)
                for _ in 0..<25 {
                    let question = Question(using: &random)
                    try await question.history.tell(owner)
                    let (one, user) = (
                        try await question.ask(owner, Self.one), try await question.ask(owner, Self.user)
                    )
                    #expect(one == user, "seed \(seed), \(question)")
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
                    let answers = try await store.admit(
                        [.fresh(user)], under: policy, waitingForLocks: false, deadline: .patience)
                    guard case .admitted = try answers[0].get() else { return false }
                    return true
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

/// One call of a user with a history.
private struct Question: CustomStringConvertible {
    let history: UserHistory
    let call = CallID.fresh()
    let limits: [Int64]
    let lengths: [Int64]
    let weight: Int64
    let isSupplied: Bool

    init(using random: inout SeededGenerator) {
        history = UserHistory(using: &random)
        let windows = Int.random(in: 0..<5, using: &random) == 0 ? 2 : 1
        limits = (0..<windows).map { _ in Int64.random(in: 0...12, using: &random) }
        lengths = (0..<windows).map { _ in Int64.random(in: 1...60, using: &random) * 1_000_000 }
        weight = Int64.random(in: 0...4, using: &random)
        isSupplied = Int.random(in: 0..<6, using: &random) == 0
    }

    var description: String { "\(history), limits \(limits), lengths \(lengths), weight \(weight), \(isSupplied)" }

    /// The answer and the row that it added, as text.
    func ask(_ connection: PostgresConnection, _ function: String) async throws -> [String?] {
        try await connection.execute("BEGIN")
        let answer = try await connection.query(
            "SELECT (\(function))::text", [history.user, call, isSupplied, weight, limits, lengths])
        let row = try await connection.query(
            "SELECT to_jsonb(c)::text FROM sluice.calls AS c WHERE user_id = $1 AND call_id = $2", [history.user, call])
        try await connection.execute("ROLLBACK")
        return try (Array(answer) + Array(row)).map { try $0.decode(String?.self, at: 0) }
    }
}
