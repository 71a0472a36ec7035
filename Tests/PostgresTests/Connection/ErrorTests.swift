import Logging
import SluiceTesting
import Testing

@testable import Postgres

struct ErrorTests {
    @Test func aServersErrorHasItsState() async throws {
        try await Support.withConnection { connection in
            let cases: [(String, SQLState)] = [
                ("SELECT nosuch()", .undefinedFunction), ("SELECT * FROM nosuch", .undefinedTable),
                ("SELEC", .syntaxError), ("CREATE TABLE nosuch.t ()", .invalidSchemaName),
                ("SELECT 1 AS a UNION SELECT b FROM (SELECT 1) AS x", .undefinedColumn),
            ]
            for (sql, state) in cases {
                let error = try await Support.postgresError {
                    try await connection.query(sql, [], deadline: Support.soon)
                }
                #expect(error.code == .server(state))
                #expect(error.sqlState == state)
                #expect(!error.isOutcomeUnknown)
            }
            #expect(try await connection.query("SELECT 1", deadline: Support.soon).count == 1)
        }
    }

    @Test func theDescriptionIsBlandAndTheDebugDescriptionIsNot() async throws {
        try await Support.withConnection { connection in
            try await connection.execute(
                "CREATE TEMP TABLE t (secret text CONSTRAINT short CHECK (length(secret) < 3))")
            let error = try await Support.postgresError {
                try await connection.query("INSERT INTO t VALUES (\("hunter2"))", deadline: Support.soon)
            }
            #expect(error.description == "server(23514): the server reported an error")
            let full = error.debugDescription
            for part in [
                "violates check constraint", "constraint: short", "detail: ", "INSERT INTO t VALUES ($1)",
                "ErrorTests.swift:",
            ] {
                #expect(full.contains(part), "\(full)")
            }
            #expect(!error.description.contains("hunter2"))
        }
    }

    @Test func hintsContextAndPositionAreKept() async throws {
        try await Support.withConnection { connection in
            let script = "DO $$BEGIN RAISE EXCEPTION 'm' USING HINT = 'h', DETAIL = 'd', ERRCODE = 'ZZ001'; END$$"
            let error = try await Support.postgresError { try await connection.execute(script) }
            #expect(error.server?.hint == "h")
            #expect(error.server?.detail == "d")
            #expect(error.sqlState == SQLState("ZZ001"))
            #expect(error.server?.context?.contains("PL/pgSQL") ?? false)
            let syntax = try await Support.postgresError { try await connection.query("SELECT ) ") }
            #expect(syntax.server?.position == 8)
        }
    }

    @Test func afterAFatalErrorTheOutcomeIsUnknown() {
        for (severity, isUnknown) in [("ERROR", false), ("FATAL", true), ("PANIC", true)] {
            let error = PostgresError(server: .init(severity: severity, state: .adminShutdown, message: "m"))
            #expect(error.isOutcomeUnknown == isUnknown)
        }
    }

    @Test func classesOfStates() {
        #expect(SQLState("08006").isConnectionException)
        #expect(SQLState.diskFull.isInsufficientResources)
        #expect(SQLState.adminShutdown.isShutdown)
        #expect(SQLState.deadlockDetected.isRetryableTransactionFailure)
        #expect(SQLState.invalidPassword.isPermanentConnectFailure)
        #expect(!SQLState.cannotConnectNow.isPermanentConnectFailure)
        #expect(SQLState("").classCode == "")
    }

    @Test func refusedConnectionsSayWhy() async throws {
        let server = try await PostgresServer.shared()
        let cases: [(String, SQLState?)] = [
            (server.url(database: "nosuch"), .invalidCatalogName), (server.url(user: "nosuch"), .invalidAuthorization),
            ("host=/nowhere dbname=x user=x", nil),
        ]
        for (url, state) in cases {
            let error = try await Support.postgresError { _ = try await Support.connect(url) }
            #expect(error.code == .connectionFailed)
            #expect(error.sqlState == state)
            #expect(!error.isOutcomeUnknown)
        }
    }

    @Test func noticesAreLoggedAtDebug() async throws {
        let handler = RecordingLogHandler()
        let logger = Logger(label: "notices") { _ in handler }
        let configuration = try PostgresConfiguration(url: try await PostgresServer.shared().url())
        let connection = try await PostgresConnection.connect(configuration, logger: logger)
        try await connection.execute("DO $$BEGIN RAISE WARNING 'mind the gap'; END$$")
        await connection.close()
        let entries = handler.entries
        #expect(entries.contains { $0.message == "notice from PostgreSQL" && $0.metadata["notice"] == "mind the gap" })
        #expect(entries.allSatisfy { $0.level <= .debug })
    }
}
