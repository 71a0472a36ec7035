import Logging
import SluiceTesting
import Synchronization
import Testing

@testable import Postgres

struct PoolTests {
    private struct BodyFailure: Error {}

    /// The session that a statement meets.
    private func pid(of pool: PostgresPool) async throws -> Int32 {
        try await pool.query("SELECT pg_backend_pid()", deadline: Support.soon)[0].decode(at: 0)
    }

    /// The server that a statement meets.
    private func folder(of pool: PostgresPool, deadline: ContinuousClock.Instant) async throws -> String {
        try await pool.query("SELECT current_setting('unix_socket_directories')", deadline: deadline)[0].decode(at: 0)
    }

    @Test func moreTasksThanConnections() async throws {
        let url = try await PostgresServer.shared().url()
        try await Support.withPool(url, .init(maximumConnections: 3, acquireTimeout: .seconds(180))) { pool in
            let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<300 {
                    group.addTask {
                        try await pool.query("SELECT pg_backend_pid()", deadline: Support.soon)[0].decode(at: 0)
                    }
                }
                return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
            }
            #expect((1...3).contains(pids.count))
        }
    }

    @Test func nobodyWaitsBeyondTheDeadline() async throws {
        let url = try await PostgresServer.shared().url()
        try await Support.withPool(url, .init(maximumConnections: 1)) { pool in
            try await pool.withConnection(deadline: Support.soon) { _ in
                let error = try await Support.postgresError {
                    try await pool.query("SELECT 1", deadline: .now + .milliseconds(20))
                }
                #expect(error.code == .poolTimeout)
                #expect(!error.isOutcomeUnknown)
                let task = Task { try await pool.query("SELECT 1") }
                task.cancel()
                #expect(try await Support.postgresError { _ = try await task.value }.code == .cancelled)
            }
            #expect(try await pool.query("SELECT 1", deadline: Support.soon).count == 1)
        }
    }

    @Test func aTransactionLeftOpenIsRolledBack() async throws {
        try await PostgresServer.shared().withDatabase { url in
            try await Support.withPool(url, .init(maximumConnections: 1)) { pool in
                try await pool.query("CREATE TABLE t (n int)")
                await #expect(throws: BodyFailure.self) {
                    try await pool.withConnection { connection in
                        try await connection.execute("BEGIN; INSERT INTO t VALUES (1)")
                        throw BodyFailure()
                    }
                }
                #expect(try await pool.query("SELECT * FROM t", deadline: Support.soon).count == 0)
            }
        }
    }

    @Test func transactionsCommitAndRollBack() async throws {
        try await PostgresServer.shared().withDatabase { url in
            try await Support.withPool(url, .init(maximumConnections: 2)) { pool in
                try await pool.query("CREATE TABLE t (n int)")
                try await pool.withTransaction(deadline: Support.soon) {
                    try await $0.query("INSERT INTO t VALUES (1)")
                }
                await #expect(throws: PostgresTransactionError.self) {
                    try await pool.withTransaction(deadline: Support.soon) { transaction in
                        try await transaction.query("INSERT INTO t VALUES (2)")
                        throw BodyFailure()
                    }
                }
                #expect(try await pool.query("SELECT * FROM t").count == 1)
            }
        }
    }

    @Test func anAbandonedStatementDoesNotCostAConnection() async throws {
        let url = try await PostgresServer.shared().url()
        try await Support.withPool(url, .init(maximumConnections: 1)) { pool in
            let before = try await pid(of: pool)
            let error = try await Support.postgresError {
                try await pool.query("SELECT pg_sleep(600)", deadline: .now + .milliseconds(30))
            }
            #expect(error.code == .deadlineExceeded)
            let after = try await pool.query("SELECT pg_backend_pid()", deadline: Support.soon)[0].decode(
                Int32.self, at: 0)
            #expect(after == before)
        }
    }

    @Test func aReadOnlySessionIsReplaced() async throws {
        let url = try await PostgresServer.shared().url()
        try await Support.withPool(url, .init(maximumConnections: 1)) { pool in
            let before = try await pid(of: pool)
            let error = try await Support.postgresError {
                try await pool.withConnection { connection in
                    try await connection.execute("SET default_transaction_read_only = on; CREATE TEMP TABLE t ()")
                    try await connection.execute("CREATE TABLE nothing ()")
                }
            }
            #expect(error.sqlState == .readOnlySQLTransaction)
            let after = try await pool.query("SELECT pg_backend_pid()", deadline: Support.soon)[0].decode(
                Int32.self, at: 0)
            #expect(after != before)
        }
    }

    @Test func aLostConnectionIsReplaced() async throws {
        let server = try await PostgresServer.shared()
        try await Support.withPool(server.url(), .init(minimumConnections: 1, maximumConnections: 1)) { pool in
            for _ in 0..<5 {
                let pid = try await pool.query("SELECT pg_backend_pid()", deadline: Support.soon)[0].decode(
                    Int32.self, at: 0)
                try await server.administer("SELECT pg_terminate_backend($1, 10000)", [pid])
                try await Support.eventually("it works again") {
                    (try? await pool.query("SELECT 1", deadline: Support.soon)) != nil
                }
            }
        }
    }

    @Test func aServerThatComesBackIsUsedAgain() async throws {
        try await PostgresServer.with { server in
            try await Support.withPool(server.url(), .init(maximumConnections: 2)) { pool in
                try await pool.query("SELECT 1", deadline: Support.soon)
                await server.stop(.immediate)
                for _ in 0..<20 {
                    let error = try await Support.postgresError {
                        try await pool.query("SELECT 1", deadline: .now + .milliseconds(150))
                    }
                    #expect([.connectionFailed, .connectionLost, .poolTimeout].contains(error.code), "\(error)")
                }
                try await server.start()
                try await Support.eventually("it works again") {
                    (try? await pool.query("SELECT 1", deadline: .now + .milliseconds(500))) != nil
                }
            }
        }
    }

    /// Someone with time waits through the outage.
    @Test func whoHasTimeWaitsForTheServer() async throws {
        try await PostgresServer.with { server in
            await server.stop()
            try await Support.withPool(server.url(), .init(maximumConnections: 2, acquireTimeout: .seconds(300))) {
                pool in
                let waiting = Task { try await pool.query("SELECT 1", deadline: .now + .seconds(300)) }
                let hasty = try await Support.postgresError {
                    try await pool.query("SELECT 1", deadline: .now + .milliseconds(50))
                }
                #expect(hasty.code == .connectionFailed || hasty.code == .poolTimeout, "\(hasty)")
                try await server.start()
                #expect(try await waiting.value.count == 1)
            }
        }
    }

    @Test func aFrozenServerIsSurvived() async throws {
        try await PostgresServer.with { server in
            try await Support.withPool(server.url(), .init(maximumConnections: 2)) { pool in
                try await pool.query("SELECT 1", deadline: Support.soon)
                await server.suspend()
                for _ in 0..<10 {
                    let error = try await Support.postgresError {
                        try await pool.query("SELECT 1", deadline: .now + .milliseconds(50))
                    }
                    #expect([.deadlineExceeded, .poolTimeout, .connectionFailed].contains(error.code), "\(error)")
                }
                await server.resume()
                try await Support.eventually("it works again") {
                    (try? await pool.query("SELECT 1", deadline: .now + .milliseconds(500))) != nil
                }
            }
        }
    }

    /// The first host is demoted, the second promoted, and both are restarted, as in a failover.
    @Test func theNewPrimaryIsFound() async throws {
        let reader = ["default_transaction_read_only": "on"]
        try await PostgresServer.with { first in
            try await PostgresServer.with(.init(settings: reader)) { second in
                let url = """
                    host=\(first.socketFolder),\(second.socketFolder) port=\(first.port),\(second.port) \
                    user=postgres dbname=postgres target_session_attrs=read-write
                    """
                try await Support.withPool(url, .init(maximumConnections: 2)) { pool in
                    #expect(try await folder(of: pool, deadline: Support.soon) == first.socketFolder)
                    await first.stop(.immediate)
                    await second.change(["default_transaction_read_only": "off"])
                    try await second.restart()
                    try await Support.eventually("the second is used") {
                        (try? await folder(of: pool, deadline: .now + .milliseconds(500))) == second.socketFolder
                    }
                }
            }
        }
    }

    @Test func aWrongDatabaseFailsEveryoneAtOnce() async throws {
        let url = try await PostgresServer.shared().url(database: "nosuch")
        try await Support.withPool(url) { pool in
            for _ in 0..<3 {
                let error = try await Support.postgresError { try await pool.query("SELECT 1", deadline: Support.soon) }
                #expect(error.code == .connectionFailed)
                #expect(error.sqlState == .invalidCatalogName)
            }
        }
    }

    @Test func shuttingDownWaitsThenCloses() async throws {
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: try await PostgresServer.shared().url()),
            settings: .init(maximumConnections: 2, acquireTimeout: .seconds(180)), logger: Support.logger)
        let running = Task { await pool.run() }
        let quick = Task { try await pool.query("SELECT pg_sleep(0.2)", deadline: Support.soon) }
        let endless = Task { try await pool.query("SELECT pg_sleep(600)") }
        try await Support.eventually("both run") { pool.counts.leased == 2 }
        pool.shutdown(deadline: .now + .seconds(3))
        let refused = try await Support.postgresError { try await pool.query("SELECT 1") }
        #expect(refused.code == .poolClosed)
        #expect(try await quick.value.count == 1)
        let error = try await Support.postgresError { _ = try await endless.value }
        #expect(error.code == .connectionClosed)
        #expect(error.isOutcomeUnknown)
        await running.value
        #expect(pool.counts == .init())
    }

    @Test func cancellingRunEndsIt() async throws {
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: try await PostgresServer.shared().url()),
            settings: .init(minimumConnections: 2, acquireTimeout: .seconds(180)), logger: Support.logger)
        let running = Task { await pool.run() }
        try await pool.query("SELECT 1", deadline: Support.soon)
        let endless = Task { try await pool.query("SELECT pg_sleep(600)") }
        try await Support.eventually("it runs") { pool.counts.leased == 1 }
        running.cancel()
        await running.value
        #expect(try await Support.postgresError { _ = try await endless.value }.code == .connectionClosed)
        let error = try await Support.postgresError { try await pool.query("SELECT 1") }
        #expect(error.code == .poolClosed)
    }

    @Test func aPoolThatIsNotRunFailsAtTheDeadline() async throws {
        let pool = PostgresPool(configuration: try PostgresConfiguration(url: ""), logger: Support.logger)
        let error = try await Support.postgresError {
            try await pool.query("SELECT 1", deadline: .now + .milliseconds(20))
        }
        #expect(error.code == .poolTimeout)
    }

    @Test func anOutageIsOneWarningAndOneNotice() async throws {
        let handler = RecordingLogHandler()
        try await PostgresServer.with { server in
            let password = "password=hunter2"
            let pool = PostgresPool(
                configuration: try PostgresConfiguration(url: server.url(password)),
                settings: .init(
                    maximumConnections: 2, acquireTimeout: .seconds(180), minimumBackoff: .milliseconds(1),
                    maximumBackoff: .milliseconds(5)),
                logger: Logger(label: "pool") { _ in handler })
            async let running: Void = pool.run()
            try await pool.query("SELECT 1", deadline: Support.soon)
            await server.stop()
            for _ in 0..<10 { _ = try? await pool.query("SELECT 1", deadline: .now + .milliseconds(20)) }
            try await server.start()
            try await Support.eventually("it works again") {
                (try? await pool.query("SELECT 1", deadline: .now + .milliseconds(500))) != nil
            }
            pool.shutdown(deadline: .now)
            await running
        }
        let loud = handler.entries.filter { $0.level > .debug }
        #expect(loud.map(\.level) == [.warning, .notice])
        #expect(!handler.entries.contains { "\($0)".contains("hunter2") })
    }
}
