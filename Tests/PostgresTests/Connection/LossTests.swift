import SluiceTesting
import Testing

@testable import Postgres

/// Connections that break.
struct LossTests {
    @Test func aLossWhileIdleIsNoticedUnasked() async throws {
        try await PostgresServer.with { server in
            let connection = try await Support.connect(server.url())
            let closed = AsyncStream<Void>.makeStream()
            await connection.whenClosed { closed.continuation.yield() }
            try await server.administer("SELECT pg_terminate_backend($1)", [connection.backendPID])
            for await _ in closed.stream { break }
            #expect(connection.health.current == .closed)
            let error = try await Support.postgresError { try await connection.query("SELECT 1") }
            #expect(error.code == .connectionLost)
            #expect(error.sqlState == .adminShutdown)
            #expect(!error.isOutcomeUnknown)
        }
    }

    @Test func aLossDuringAStatement() async throws {
        try await Support.withConnection { connection in
            let server = try await PostgresServer.shared()
            let task = Task { try await connection.query("SELECT pg_sleep(600)", deadline: Support.soon) }
            try await Support.eventually("it begins") {
                try await server.administer(
                    "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [connection.backendPID]
                ).count > 0
            }
            let waiting = Task { try await connection.query("SELECT 1", deadline: Support.soon) }
            try await server.administer("SELECT pg_terminate_backend($1)", [connection.backendPID])
            let error = try await Support.postgresError { _ = try await task.value }
            #expect(error.sqlState == .adminShutdown)
            #expect(error.isOutcomeUnknown)
            let behind = try await Support.postgresError { _ = try await waiting.value }
            #expect(behind.code == .connectionLost)
            #expect(!behind.isOutcomeUnknown)
        }
    }

    @Test func aServerKilledDuringAStatement() async throws {
        try await PostgresServer.with { server in
            let connection = try await Support.connect(server.url())
            let task = Task { try await connection.query("SELECT pg_sleep(600)", deadline: Support.soon) }
            try await Support.eventually("it begins") {
                try await server.administer(
                    "SELECT FROM pg_stat_activity WHERE query LIKE '%600%' AND state = 'active'"
                )
                .count > 1
            }
            await server.kill()
            let error = try await Support.postgresError { _ = try await task.value }
            #expect(error.code == .connectionLost)
            #expect(error.isOutcomeUnknown)
            try await server.start()
            let again = try await Support.connect(server.url())
            #expect(try await again.query("SELECT 1", deadline: Support.soon).count == 1)
            await again.close()
        }
    }

    @Test func closingEndsAStatement() async throws {
        try await Support.withConnection { connection in
            let server = try await PostgresServer.shared()
            let task = Task { try await connection.query("SELECT pg_sleep(600)") }
            func isAtWork() async throws -> Bool {
                try await server.administer(
                    "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [connection.backendPID]
                ).count > 0
            }
            try await Support.eventually("it begins") { try await isAtWork() }
            await connection.close()
            let error = try await Support.postgresError { _ = try await task.value }
            #expect(error.code == .connectionClosed)
            #expect(error.isOutcomeUnknown)
            try await Support.eventually("the statement goes on") { try await !isAtWork() }
            let next = try await Support.postgresError { try await connection.query("SELECT 1") }
            #expect(next.code == .connectionClosed)
        }
    }

    /// Nobody closes it: the session ends with the last reference.
    @Test func aForgottenConnectionClosesItself() async throws {
        let server = try await PostgresServer.shared()
        let pid = try await Support.connect(server.url()).backendPID
        try await Support.eventually("the session ends") {
            try await server.administer("SELECT FROM pg_stat_activity WHERE pid = $1", [pid]).count == 0
        }
    }
}
