import SluiceTesting
import Testing

@testable import Postgres

/// What comes again is parsed once, where the session is our own, and nothing depends on it.
struct PreparedStatementTests {
    private let key = PreparedStatements.Key(sql: "SELECT 1", types: [])

    @Test func whatComesForTheSecondTimeIsPrepared() {
        var statements = PreparedStatements(prefix: "s")
        func expect(_ way: PreparedStatements.Way, _ key: PreparedStatements.Key, line: Int = #line) {
            let found = statements.way(of: key)
            #expect(found == way, "line \(line)")
        }
        expect(.unnamed, key)
        statements.isAllowed = true
        expect(.unnamed, key)
        expect(.prepare(name: "s_1"), key)
        // As long as nobody says that it worked.
        expect(.prepare(name: "s_2"), key)
        statements.prepared(key, as: "s_2")
        expect(.execute(name: "s_2"), key)
        expect(.unnamed, .init(sql: "SELECT 1", types: [20]))
        for number in 0..<PreparedStatements.maximumCount {
            _ = statements.way(of: .init(sql: "SELECT \(number), 2", types: []))
        }
        // There is no room for it.
        let late = PreparedStatements.Key(sql: "SELECT 'late'", types: [])
        for _ in 0..<3 { expect(.unnamed, late) }
    }

    /// A pooler may hand one session's statement to another.
    @Test func noSessionsNamesAreAnothers() {
        let ways = (0..<2).map { _ in
            var statements = PreparedStatements()
            statements.isAllowed = true
            _ = statements.way(of: key)
            return statements.way(of: key)
        }
        #expect(ways[0] != ways[1] && ways[0] != .unnamed)
    }

    @Test func whatIsGoneIsForgotten() {
        var statements = PreparedStatements(prefix: "s")
        statements.isAllowed = true
        statements.prepared(key, as: "s_1")
        let answers = [SQLState.uniqueViolation, .featureNotSupported].map { statements.failed(key, $0) }
        #expect(answers == [false, true])
        let again = (0..<2).map { _ in statements.way(of: key) }
        #expect(again == [.unnamed, .prepare(name: "s_1")])
        let isGone = statements.failed(key, .invalidSQLStatementName)
        #expect(isGone)
        let after = (0..<3).map { _ in statements.way(of: key) }
        #expect(after == [.unnamed, .unnamed, .unnamed])
    }

    /// What the server keeps of the statements on `t`.
    private func kept(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%FROM t%' AND $1", [true]
        )
        .map { try $0.decode(String.self, at: 0) }
    }

    @Test func aSessionOfOurOwnKeepsStatements() async throws {
        try await Support.withConnection { connection in
            await connection.prepareWhereDirect(deadline: Support.soon)
            try await connection.execute("CREATE TEMP TABLE t (n int8)")
            for number in 0..<5 {
                let row = try await connection.query(
                    "INSERT INTO t VALUES (\(Int64(number))) RETURNING n, \("ü"), \(nil as Bool?)")[0]
                #expect(try row.decode(Int64.self, at: 0) == Int64(number))
                #expect(try row.decode(String.self, at: 1) == "ü")
                #expect(try row.decode(Bool?.self, at: 2) == nil)
                let sums = try await connection.query("SELECT sum(n)::int8, count(*) FROM t")
                #expect(try sums[0].decode(Int64.self, at: 1) == Int64(number + 1))
            }
            #expect(try await kept(connection).count == 1)
            let error = try await Support.postgresError { try await connection.query("SELECT 1 / n FROM t", []) }
            #expect(error.sqlState?.code == "22012")
            let again = try await Support.postgresError { try await connection.query("SELECT 1 / n FROM t", []) }
            #expect(again.sqlState?.code == "22012" && again.sql == error.sql)
        }
    }

    /// As in a migration, or after `DISCARD ALL` by somebody who shares the session.
    @Test func whatTheServerNoLongerKeepsIsRunAnew() async throws {
        try await Support.withConnection { connection in
            await connection.prepareWhereDirect(deadline: Support.soon)
            try await connection.execute("CREATE TEMP TABLE t (n int8); INSERT INTO t VALUES (7)")
            func columns() async throws -> Int { try await connection.query("SELECT * FROM t", [])[0].count }
            for _ in 0..<3 { #expect(try await columns() == 1) }
            try await connection.execute("ALTER TABLE t ADD m text")
            for _ in 0..<4 { #expect(try await columns() == 2) }
            try await connection.execute("DEALLOCATE ALL")
            for _ in 0..<4 { #expect(try await columns() == 2) }
            #expect(try await kept(connection) == [])
            // What was inserted once is there once.
            try await connection.withTransaction(deadline: Support.soon) { transaction in
                for number in 0..<3 { try await transaction.query("INSERT INTO t VALUES (\(Int64(number)))") }
            }
            #expect(try await connection.query("SELECT count(*) FROM t", [])[0].decode(Int64.self, at: 0) == 4)
        }
    }

    /// A transaction in which a statement fails is over, whatever the reason; the next one works.
    @Test func withinATransactionNothingIsRunAnew() async throws {
        try await Support.withConnection { connection in
            await connection.prepareWhereDirect(deadline: Support.soon)
            try await connection.execute("CREATE TEMP TABLE t (n int8); INSERT INTO t VALUES (7)")
            for _ in 0..<3 { try await connection.query("SELECT * FROM t", []) }
            try await connection.execute("ALTER TABLE t ADD m text")
            await #expect(throws: PostgresTransactionError.self) {
                try await connection.withTransaction(deadline: Support.soon) {
                    try await $0.query("SELECT * FROM t", [])
                }
            }
            let rows = try await connection.withTransaction(deadline: Support.soon) { transaction in
                try await transaction.query("SELECT * FROM t", [])
            }
            #expect(rows[0].count == 2)
        }
    }

    @Test func anAbandonedStatementLeavesTheNextOnesAlone() async throws {
        try await Support.withConnection { connection in
            await connection.prepareWhereDirect(deadline: Support.soon)
            for _ in 0..<4 {
                let late = try await Support.postgresError {
                    try await connection.query("SELECT pg_sleep($1)", [600.0], deadline: .now + .milliseconds(20))
                }
                #expect(late.code == .deadlineExceeded)
                #expect(try await connection.query("SELECT 5::int8", [])[0].decode(Int64.self, at: 0) == 5)
            }
        }
    }

    @Test func behindAPoolerNothingIsKept() async throws {
        let server = try await PostgresServer.shared()
        let bouncer = try await PgBouncerServer.start(before: server, poolSize: 1)
        let connection = try await Support.connect(bouncer.url(database: "postgres"))
        await connection.prepareWhereDirect(deadline: Support.soon)
        for _ in 0..<3 { try await connection.query("SELECT \(Int64(1))") }
        let count = try await connection.query("SELECT count(*) FROM pg_prepared_statements")[0]
        #expect(try count.decode(Int64.self, at: 0) == 0)
        await connection.close()
        await bouncer.remove()
    }
}
