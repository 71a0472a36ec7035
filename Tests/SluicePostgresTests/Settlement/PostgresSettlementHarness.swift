import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting

/// A migrated database, for the contract suite.
struct PostgresSettlementHarness: SettlementHarness {
    /// A superuser's, to look at rows.
    let database: PostgresConnection
    /// Holds locks that are in the way.
    let stranger: PostgresConnection
    let store: PostgresStore

    var ledger: any SettlementLedger { store }

    func admit(_ call: Call) async throws -> Timestamp {
        let policy = try Policy(name: "p", windows: [try Window(name: "w", limit: 1_000, length: .seconds(3_600))])
        let decision = try await store.admit([call], under: policy, deadline: .patience)[0].get()
        guard case .admitted(let admission) = decision else { throw ContractViolation("\(decision)") }
        return admission.admittedAt
    }

    func setPrice(_ price: ModelPrice) async throws {
        let price = NewPrice(
            model: price.model, input: price.input, cached: price.cached, cacheWrite: price.cacheWrite,
            output: price.output)
        try await store.setPrice(price, deadline: .patience)
    }

    func whileBusy(_ user: UserID, _ body: @Sendable () async throws -> Void) async throws {
        try await stranger.query("SELECT pg_advisory_lock(1936487284, sluice.lock_key(\(user)))")
        try await body()
        try await stranger.query("SELECT pg_advisory_unlock_all()")
    }

    func rows(of call: CallID, by user: UserID) async throws -> [SettlementRow] {
        let rows = try await database.query(
            """
            SELECT input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd,
                basis::text, is_correction
            FROM sluice.settlements WHERE user_id = \(user) AND call_id = \(call) ORDER BY settled_at
            """)
        return try rows.map { row in
            SettlementRow(
                usage: SettlementDifference(
                    input: try row.decode(at: 0), cached: try row.decode(at: 1), cacheWrite: try row.decode(at: 2),
                    output: try row.decode(at: 3), reasoning: try row.decode(at: 4)),
                cost: try row.decode(at: 5), basis: Settlement.Basis(rawValue: try row.decode(at: 6)) ?? .expired,
                isCorrection: try row.decode(at: 7))
        }
    }
}

/// A store, and connections to look into its database with.
func withSettlementHarness(_ body: (PostgresSettlementHarness) async throws -> Void) async throws {
    try await withTestDatabase { database in
        try await database.withConnections { connection, owner in
            try await database.withOwner { stranger in
                let store = PostgresStore(database: connection, replica: "replica-1")
                try await body(PostgresSettlementHarness(database: owner, stranger: stranger, store: store))
            }
        }
    }
}
