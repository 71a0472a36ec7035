import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

/// Two replicas, the same users, and everything brought twice.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ConcurrentSettlementTests {
    private static let users = 12
    private static let callsPerUser = 40

    @Test func eachCallIsSettledOnceAndTheTotalsAreRight() async throws {
        try await withTestDatabase { database in
            var generator = SeededGenerator(seed: 11)
            let settlements = try settlements(using: &generator)
            let receipts = try await withThrowingTaskGroup(of: [SettlementReceipt].self) { replicas in
                for replica in 0..<2 {
                    let own = settlements.shuffled(using: &generator)
                    replicas.addTask { try await settle(own, as: "replica-\(replica)", database) }
                }
                return try await replicas.reduce(into: []) { $0 += $1 }
            }
            #expect(receipts.filter { $0 == .settled(cost: nil) }.count == settlements.count)
            #expect(receipts.filter { $0 == .known }.count == settlements.count)
            try await database.withOwner { try await expectRightTotals($0, of: settlements) }
        }
    }

    private func settlements(using generator: inout SeededGenerator) throws -> [Settlement] {
        try (0..<Self.users).flatMap { _ in
            let user = UserID.fresh()
            return try (0..<Self.callsPerUser).map { _ in
                // The admission's own row may come later, from the journal.
                try Settlement(
                    user: user, callID: .fresh(), admittedAt: Timestamp(microseconds: 1_768_478_400_000_000),
                    model: "m",
                    usage: TokenUsage(
                        input: .random(in: 0...100, using: &generator), output: .random(in: 0...100, using: &generator)),
                    basis: .measured)
            }
        }
    }

    private func settle(
        _ settlements: [Settlement], as replica: String, _ database: TestDatabase
    ) async throws -> [SettlementReceipt] {
        let pool = PostgresPool(
            configuration: database.configuration, settings: .init(maximumConnections: 2), logger: quiet)
        let path = SettlementPath(
            ledger: PostgresStore(database: pool), replica: replica, breaker: CircuitBreaker(),
            clock: LedgerClock { Timestamp(microseconds: 0) },
            settings: SettlementSettings(maximumBatch: 16, concurrency: 2, timeout: .seconds(120)))
        async let running: Void = pool.run()
        async let bringing: Void = path.run()
        let receipts = try await withThrowingTaskGroup(of: SettlementReceipt.self) { group in
            for settlement in settlements { group.addTask { try await path.settle(settlement) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        path.shutdown()
        await bringing
        pool.shutdown(deadline: .patience)
        await running
        return receipts
    }

    private func expectRightTotals(_ connection: PostgresConnection, of settlements: [Settlement]) async throws {
        let row = try #require(
            try await connection.query(
                """
                SELECT count(*), sum(input_tokens)::bigint, sum(output_tokens)::bigint,
                    bool_and(input_total = input_sum AND output_total = output_sum)
                FROM (
                    SELECT s.*, sum(input_tokens) OVER mine AS input_sum, sum(output_tokens) OVER mine AS output_sum
                    FROM sluice.settlements AS s WINDOW mine AS (PARTITION BY user_id ORDER BY settled_at)
                ) AS s
                """
            ).first)
        #expect(try row.decode(Int.self, at: 0) == settlements.count)
        #expect(try row.decode(Int64.self, at: 1) == settlements.reduce(0) { $0 + $1.usage.input })
        #expect(try row.decode(Int64.self, at: 2) == settlements.reduce(0) { $0 + $1.usage.output })
        #expect(try row.decode(Bool.self, at: 3))
    }
}
