import SluiceTesting
import Testing

@testable import Postgres

struct TransactionTests {
    private struct BodyFailure: Error {}

    private func failure(_ body: () async throws -> Void) async throws -> PostgresTransactionError {
        do {
            try await body()
        } catch let error as PostgresTransactionError {
            return error
        }
        throw Support.Missing()
    }

    private func prepare(_ connection: PostgresConnection) async throws {
        try await connection.execute(
            "CREATE TEMP TABLE t (n int, CONSTRAINT once UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)")
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        try await connection.query("SELECT count(*) FROM t", deadline: Support.soon)[0].decode(at: 0)
    }

    @Test func itCommits() async throws {
        try await Support.withConnection { connection in
            try await prepare(connection)
            let value = try await connection.withTransaction(deadline: Support.soon) { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                return 42
            }
            #expect(value == 42)
            #expect(try await count(connection) == 1)
        }
    }

    @Test func aThrowingBodyRollsBack() async throws {
        try await Support.withConnection { connection in
            try await prepare(connection)
            let error = try await failure {
                try await connection.withTransaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    throw BodyFailure()
                }
            }
            #expect(error.body is BodyFailure)
            #expect(error.rollback == nil)
            #expect(error.postgresError == nil)
            #expect(try await count(connection) == 0)
        }
    }

    @Test func aFailedCommitIsToldApart() async throws {
        try await Support.withConnection { connection in
            try await prepare(connection)
            let error = try await failure {
                try await connection.withTransaction { transaction in
                    _ = try await transaction.query("INSERT INTO t VALUES (1), (1)")
                }
            }
            #expect(error.commit?.sqlState == .uniqueViolation)
            #expect(error.body == nil)
            #expect(!error.isOutcomeUnknown)
            #expect(connection.health.isClean)
        }
    }

    /// The server answers such a COMMIT with ROLLBACK and without an error.
    @Test func aSwallowedFailureDoesNotLookCommitted() async throws {
        try await Support.withConnection { connection in
            try await prepare(connection)
            let error = try await failure {
                try await connection.withTransaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.query("SELECT 1/0")
                }
            }
            #expect(error.commit?.code == .transactionAborted)
            #expect(try await count(connection) == 0)
        }
    }

    @Test func aLostCommitMayHaveHappened() async throws {
        try await PostgresServer.shared().withDatabase { url in
            let connection = try await Support.connect(url)
            try await connection.execute(
                """
                CREATE TABLE t (n int);
                CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER stall AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION stall();
                """)
            let error = try await failure {
                try await connection.withTransaction(deadline: .now + .seconds(4)) { transaction in
                    _ = try await transaction.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error.commit?.code == .deadlineExceeded)
            #expect(error.isOutcomeUnknown)
            #expect(await connection.settle())
            #expect(try await count(connection) == 0)
            await connection.close()
        }
    }

    @Test func theDeadlineIsForAllOfIt() async throws {
        try await Support.withConnection { connection in
            let error = try await failure {
                try await connection.withTransaction(deadline: .now + .milliseconds(100)) { transaction in
                    while true { try await transaction.query("SELECT pg_sleep(0.02)") }
                }
            }
            #expect(error.postgresError?.code == .deadlineExceeded)
            #expect(await connection.settle())
        }
    }

    @Test func cancellationRollsBack() async throws {
        try await Support.withConnection { connection in
            try await prepare(connection)
            let began = AsyncStream<Void>.makeStream()
            let task = Task {
                try await connection.withTransaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    began.continuation.yield()
                    try await Task.sleep(for: .seconds(600))
                }
            }
            for await _ in began.stream { break }
            task.cancel()
            let error = try await failure { try await task.value }
            #expect(error.body is CancellationError)
            #expect(error.rollback == nil)
            #expect(connection.health.isClean)
            #expect(try await count(connection) == 0)
        }
    }

    @Test func modesAreAsked() async throws {
        try await Support.withConnection { connection in
            for isolation in [.readCommitted, .repeatableRead, .serializable] as [PostgresTransactionMode.Isolation] {
                let mode = PostgresTransactionMode(isolation: isolation, isReadOnly: true)
                try await connection.withTransaction(mode: mode) { transaction in
                    let sql: PostgresQuery = """
                        SELECT upper(current_setting('transaction_isolation')), current_setting('transaction_read_only')
                        """
                    let row = try await transaction.query(sql)[0]
                    #expect(try row.decode(String.self, at: 0) == isolation.rawValue)
                    #expect(try row.decode(String.self, at: 1) == "on")
                }
            }
        }
    }

    @Test func errorsOfOthersAreNotShown() {
        struct Secretive: Error, CustomStringConvertible { let description = "hunter2" }
        let error = PostgresTransactionError(body: Secretive())
        #expect(!error.description.contains("hunter2"))
        #expect(error.debugDescription.contains("hunter2"))
    }
}
