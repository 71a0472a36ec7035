import SluiceTesting
import Synchronization
import Testing

@testable import Postgres

/// Callers that stop waiting, and what becomes of their statements.
struct DeadlineTests {
    /// Whether a session of the shared server is at work on a statement.
    private func isAtWork(_ connection: PostgresConnection) async throws -> Bool {
        try await PostgresServer.shared().administer(
            "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [connection.backendPID]
        ).count > 0
    }

    @Test func aDeadlineReachesTheServer() async throws {
        try await Support.withConnection { connection in
            let error = try await Support.postgresError {
                try await connection.query("SELECT pg_sleep(600)", deadline: .now + .milliseconds(50))
            }
            #expect(error.code == .deadlineExceeded)
            #expect(error.isOutcomeUnknown)
            try await Support.eventually("the statement goes on") { try await !isAtWork(connection) }
            #expect(try await connection.query("SELECT 1", deadline: Support.soon).count == 1)
        }
    }

    /// A request to stop may come before the statement has begun, and then it is lost; here the statement swallows it.
    @Test func theServerIsAskedUntilItStops() async throws {
        try await Support.withConnection { connection in
            let stubborn: PostgresQuery = """
                DO $$ BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(600); END $$
                """
            let task = Task { try await connection.query(stubborn) }
            try await Support.eventually("it begins") { try await isAtWork(connection) }
            task.cancel()
            #expect(try await connection.query("SELECT 1", deadline: Support.soon).count == 1)
            #expect(try await Support.postgresError { _ = try await task.value }.code == .cancelled)
        }
    }

    @Test func cancellationReachesTheServer() async throws {
        try await Support.withConnection { connection in
            let task = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await Support.eventually("it begins") { try await isAtWork(connection) }
            task.cancel()
            let error = try await Support.postgresError { _ = try await task.value }
            #expect(error.code == .cancelled)
            #expect(error.isOutcomeUnknown)
            try await Support.eventually("the statement goes on") { try await !isAtWork(connection) }
            #expect(try await connection.query("SELECT 1", deadline: Support.soon).count == 1)
        }
    }

    @Test func aCancelledTaskSendsNothing() async throws {
        try await Support.withConnection { connection in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await connection.query("SELECT 1")
            }
            let error = try await Support.postgresError { _ = try await task.value }
            #expect(error.code == .cancelled)
            #expect(!error.isOutcomeUnknown)
        }
    }

    @Test func aDeadlineInTheQueueSendsNothing() async throws {
        try await Support.withConnection { connection in
            let slow = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await Support.eventually("it begins") { try await isAtWork(connection) }
            let error = try await Support.postgresError {
                try await connection.query("SELECT 1", deadline: .now + .milliseconds(10))
            }
            #expect(error.code == .deadlineExceeded)
            #expect(!error.isOutcomeUnknown)
            slow.cancel()
        }
    }

    @Test func aDeadlineThatHasPassedFailsAtOnce() async throws {
        try await Support.withConnection { connection in
            let error = try await Support.postgresError {
                try await connection.query("SELECT pg_sleep(600)", deadline: .now - .seconds(1))
            }
            #expect(error.code == .deadlineExceeded)
        }
    }

    /// Statements that end at about their deadline: the next one, which has none, must never be the one that is cancelled.
    @Test func aLateCancelDoesNotHitTheNextStatement() async throws {
        try await Support.withConnection { connection in
            for round in 0..<300 {
                _ = try? await connection.query(
                    "SELECT pg_sleep(0.002)", deadline: .now + .microseconds(1_500 + 10 * (round % 200)))
                let row = try await connection.query("SELECT \(Int64(round))", deadline: Support.soon)[0]
                #expect(try row.decode(Int64.self, at: 0) == Int64(round))
            }
        }
    }

    /// Cancelled at every moment of being sent: whoever misses it would sleep for ten minutes.
    @Test func cancellationIsNeverMissed() async throws {
        try await Support.withConnection { connection in
            var random = SeededGenerator(seed: 1)
            for _ in 0..<1_000 {
                let isUnderWay = Atomic<Bool>(false)
                let pause = Int.random(in: 0..<2_000, using: &random)
                let task = Task {
                    isUnderWay.store(true, ordering: .relaxed)
                    return try await connection.query("SELECT pg_sleep(600)")
                }
                Threads.start {
                    while !isUnderWay.load(ordering: .relaxed) {}
                    for _ in 0..<pause { isUnderWay.store(true, ordering: .relaxed) }
                    task.cancel()
                }
                let error = try await Support.postgresError { _ = try await task.value }
                #expect(error.code == .cancelled)
            }
        }
    }

    @Test func manyCancelledTasksAtOnce() async throws {
        try await Support.withConnection { connection in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { _ = try? await connection.query("SELECT pg_sleep(600)") } }
                group.cancelAll()
            }
            let result = try await connection.query("SELECT 1", deadline: Support.soon)
            #expect(result.count == 1)
        }
    }

    /// Nothing answers, neither the session nor who would take the request to cancel: the caller is answered all the same.
    @Test func aFrozenServerHoldsNobodyUp() async throws {
        try await PostgresServer.with { server in
            let connection = try await Support.connect(server.url())
            let other = try await Support.connect(server.url())
            await server.suspend()
            let error = try await Support.postgresError {
                try await connection.query("SELECT 1", deadline: .now + .milliseconds(50))
            }
            #expect(error.code == .deadlineExceeded)
            let task = Task { try await other.query("SELECT 1") }
            task.cancel()
            #expect(try await Support.postgresError { _ = try await task.value }.code == .cancelled)
            let refused = try await Support.postgresError {
                _ = try await PostgresConnection.connect(
                    PostgresConfiguration(url: server.url()), deadline: .now + .milliseconds(50), logger: Support.logger
                )
            }
            #expect(refused.code == .deadlineExceeded)
            // The abandoned statement cannot be drained, so the connection is given up.
            try await Support.eventually("it is closed") { connection.health.current == .closed }
            await server.resume()
            let again = try await Support.connect(server.url())
            #expect(try await again.query("SELECT 1", deadline: Support.soon).count == 1)
            await again.close()
            await other.close()
        }
    }

    @Test func statementsBehindADrainGoOut() async throws {
        try await Support.withConnection { connection in
            let first = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await Support.eventually("it begins") { try await isAtWork(connection) }
            let second = Task { try await connection.query("SELECT 2", deadline: Support.soon) }
            first.cancel()
            #expect(try await second.value[0].decode(Int.self, at: 0) == 2)
            #expect(try await Support.postgresError { _ = try await first.value }.code == .cancelled)
        }
    }
}
