import SluiceTesting
import Testing

@testable import Postgres

/// Everything must work behind a pooler in transaction mode, where each transaction may meet another session.
struct PgBouncerTests {
    @Test func manyClientsOverFewSessions() async throws {
        let server = try await PostgresServer.shared()
        let bouncer = try await PgBouncerServer.start(before: server, poolSize: 3)
        try await server.withDatabase { database in
            let name = try #require(try PostgresConfiguration(url: database).database)
            let url = bouncer.url(database: name)
            let setup = try await Support.connect(url)
            try await setup.execute("CREATE TABLE t (client int, round int)")
            let pids = try await withThrowingTaskGroup(of: Set<Int32>.self) { group in
                for client in 0..<20 { group.addTask { try await self.work(url, client) } }
                return try await group.reduce(into: Set<Int32>()) { $0.formUnion($1) }
            }
            #expect((1...3).contains(pids.count))
            let count = try await setup.query("SELECT count(*) FROM t", deadline: Support.soon)
            #expect(try count[0].decode(Int.self, at: 0) == 20 * 25)
            await setup.close()
        }
        await bouncer.remove()
    }

    /// - Returns: the sessions that the client met.
    private func work(_ url: String, _ client: Int) async throws -> Set<Int32> {
        let connection = try await Support.connect(url)
        var pids: Set<Int32> = []
        for round in 0..<25 {
            try await connection.withTransaction(deadline: Support.soon) { transaction in
                let first = try await transaction.query("SELECT pg_backend_pid(), \([Int64(round), nil] as [Int64?])")[
                    0]
                try await transaction.query("INSERT INTO t VALUES (\(Int32(client)), \(Int32(round)))")
                let second = try await transaction.query("SELECT pg_backend_pid()")[0]
                let pid = try first.decode(Int32.self, at: 0)
                #expect(try second.decode(Int32.self, at: 0) == pid)
                pids.insert(pid)
            }
        }
        await connection.close()
        return pids
    }

    @Test func errorsDeadlinesAndPools() async throws {
        let server = try await PostgresServer.shared()
        let bouncer = try await PgBouncerServer.start(before: server, poolSize: 2)
        try await Support.withPool(bouncer.url(database: "postgres"), .init(acquireTimeout: .seconds(180))) { pool in
            let error = try await Support.postgresError { try await pool.query("SELECT nosuch()") }
            #expect(error.sqlState == .undefinedFunction)
            let marked: PostgresQuery = "SELECT pg_sleep(600), 'behind the bouncer'"
            let late = try await Support.postgresError {
                try await pool.query(marked, deadline: .now + .milliseconds(200))
            }
            #expect(late.code == .deadlineExceeded)
            try await Support.eventually("the statement goes on") {
                try await server.administer(
                    """
                    SELECT FROM pg_stat_activity
                    WHERE state = 'active' AND query LIKE '%the bouncer%' AND pid <> pg_backend_pid()
                    """
                ).count == 0
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let row = try await pool.query("SELECT \(Int64(number))", deadline: Support.soon)[0]
                        #expect(try row.decode(Int64.self, at: 0) == Int64(number))
                    }
                }
                try await group.waitForAll()
            }
        }
        await bouncer.remove()
    }
}
