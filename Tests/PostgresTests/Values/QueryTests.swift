import Postgres
import Testing

struct QueryTests {
    @Test func interpolatedValuesAreBound() {
        let name = "'; DROP TABLE users; --"
        let query: PostgresQuery = "SELECT \(name), \(Int64(3)) FROM \(unescaped: "users") LIMIT \(1)"
        #expect(query.sql == "SELECT $1, $2 FROM users LIMIT $3")
        #expect(query.parameters.count == 3)
    }

    @Test func parametersDoNotShowTheirValues() {
        let query: PostgresQuery = "SELECT \("hunter2")"
        #expect(!"\(query.parameters)".contains("hunter2"))
    }

    private struct Multiply: PostgresStatement {
        static let sql = "SELECT $1::bigint * n AS product FROM generate_series(1, $2::bigint) AS n"

        let factor: Int64
        let count: Int64

        func bind(into parameters: inout PostgresParameters) {
            parameters.append(factor)
            parameters.append(count)
        }

        static func decode(_ row: PostgresRow) throws(PostgresError) -> Int64 { try row.decode(named: "product") }
    }

    @Test func aStatementIsAType() async throws {
        try await Support.withConnection { connection in
            let rows = try await connection.run(Multiply(factor: 3, count: 4), deadline: Support.soon)
            #expect(rows == [3, 6, 9, 12])
        }
    }

    @Test func scriptsRunManyStatements() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE a (n int); INSERT INTO a VALUES (1), (2); SELECT * FROM a")
            #expect(try await connection.query("SELECT * FROM a", deadline: Support.soon).count == 2)
        }
    }

    @Test func aScriptIsOneTransaction() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE a (n int)")
            let error = try await Support.postgresError {
                try await connection.execute("INSERT INTO a VALUES (1); SELECT 1/0; INSERT INTO a VALUES (2)")
            }
            #expect(error.sqlState == SQLState("22012"))
            #expect(try await connection.query("SELECT * FROM a", deadline: Support.soon).count == 0)
        }
    }

    @Test func anEmptyStatementAnswersNothing() async throws {
        try await Support.withConnection { connection in
            #expect(try await connection.query("", deadline: Support.soon).count == 0)
            try await connection.execute("")
            try await connection.execute(" ; ; ")
        }
    }

    @Test func aNULInTheTextIsRefused() async throws {
        try await Support.withConnection { connection in
            let error = try await Support.postgresError { try await connection.query("SELECT 1\0, 2", []) }
            #expect(error.code == .invalidStatement)
        }
    }

    @Test func copyIsRefusedAndEndsTheConnection() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE a (n int)")
            for sql in ["COPY a FROM STDIN"] {
                let error = try await Support.postgresError {
                    try await connection.execute(sql, deadline: Support.soon)
                }
                #expect(error.code == .invalidStatement)
                let next = try await Support.postgresError { try await connection.query("SELECT 1") }
                #expect(next.code == .invalidStatement)
            }
        }
    }

    /// More than any socket buffer takes at once, both ways.
    @Test func statementsAndAnswersOfManyMegabytes() async throws {
        try await Support.withConnection { connection in
            let bytes = [UInt8](repeating: 42, count: 30_000_000)
            let row = try await connection.query("SELECT \(bytes), length(\(bytes))", deadline: Support.soon)[0]
            #expect(try row.decode([UInt8].self, at: 0) == bytes)
            #expect(try row.decode(Int.self, at: 1) == bytes.count)
        }
    }

    @Test func concurrentStatementsTakeTurns() async throws {
        try await Support.withConnection { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let row = try await connection.query("SELECT \(Int64(number))", deadline: Support.soon)[0]
                        #expect(try row.decode(Int64.self, at: 0) == Int64(number))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
