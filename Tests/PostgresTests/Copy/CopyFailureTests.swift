import SluiceTesting
import Testing

@testable import Postgres

/// COPYs that do not come to a good end. The connection goes on, unless it is the connection that broke.
struct CopyFailureTests {
    private struct Failure: Error {}

    /// In the select list the series is made as it is read; as a table it would be written to disk first.
    private static let endless = "COPY (SELECT repeat('x', 1000), generate_series(1, 1000000000)) TO STDOUT"

    private static func expectUsable(
        _ connection: PostgresConnection, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let row = try await connection.query("SELECT 7::bigint", deadline: Support.soon)[0]
        #expect(try row.decode(Int.self, at: 0) == 7, sourceLocation: sourceLocation)
    }

    @Test func aReceiverThatFails() async throws {
        try await Support.withConnection { connection in
            var pieces = 0
            await #expect(throws: Failure.self) {
                try await connection.copyOut(Self.endless, deadline: Support.soon) { _ in
                    pieces += 1
                    if pieces == 3 { throw Failure() }
                }
            }
            #expect(pieces == 3)
            try await Self.expectUsable(connection)
        }
    }

    @Test func aSourceThatFails() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            var pieces = 0
            await #expect(throws: Failure.self) {
                try await connection.copyIn("COPY copied FROM STDIN", deadline: Support.soon) {
                    pieces += 1
                    if pieces == 3 { throw Failure() }
                    return Array("1\n".utf8)
                }
            }
            #expect(try await connection.query("SELECT FROM copied", deadline: Support.soon).isEmpty)
        }
    }

    @Test func failuresWithinATransactionRollItBack() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            for isOut in [true, false] {
                let error = await #expect(throws: PostgresTransactionError.self) {
                    try await connection.withTransaction { transaction in
                        if isOut { try await transaction.copyOut(Self.endless) { _ in throw Failure() } }
                        try await transaction.copyIn("COPY copied FROM STDIN") { throw Failure() }
                    }
                }
                #expect(error?.body is Failure)
                #expect(error?.rollback == nil)
                #expect(connection.health.current == .ready)
            }
        }
    }

    @Test(arguments: [true, false])
    func aTaskThatIsCancelled(isOut: Bool) async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            let began = AsyncStream<Void>.makeStream()
            let task = Task {
                if isOut {
                    try await connection.copyOut(Self.endless) { _ in began.continuation.yield() }
                } else {
                    try await connection.copyIn("COPY copied FROM STDIN") {
                        began.continuation.yield()
                        return Array("1\n".utf8)
                    }
                }
            }
            for await _ in began.stream { break }
            task.cancel()
            let error = try await Support.postgresError { _ = try await task.value }
            #expect(error.code == .cancelled)
            try await Self.expectUsable(connection)
            #expect(try await connection.query("SELECT FROM copied", deadline: Support.soon).isEmpty)
        }
    }

    /// The receiver is at work, or the source: nobody waits for the connection at that moment.
    @Test(arguments: [true, false])
    func aDeadlineThatPassesWhileTheClosureRuns(isOut: Bool) async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            nonisolated(nonsending) func outwait() async throws {
                try await Support.eventually("the deadline passes") { connection.health.current == .ready }
            }
            let deadline = ContinuousClock.now + .milliseconds(300)
            let error = try await Support.postgresError {
                if isOut {
                    try await connection.copyOut(Self.endless, deadline: deadline) { _ in try await outwait() }
                } else {
                    try await connection.copyIn("COPY copied FROM STDIN", deadline: deadline) {
                        try await outwait()
                        return Array("1\n".utf8)
                    }
                }
            }
            #expect(error.code == .deadlineExceeded)
            try await Self.expectUsable(connection)
            #expect(try await connection.query("SELECT FROM copied", deadline: Support.soon).isEmpty)
        }
    }

    @Test func whatTheServerFindsInTheData() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int PRIMARY KEY)")
            for (text, state) in [("1\n2\n1\n", "23505"), ("1\nnone\n", "22P02"), ("1\t2\n", "22P04")] {
                var given = 0
                let error = try await Support.postgresError {
                    try await connection.copyIn("COPY copied FROM STDIN", deadline: Support.soon) {
                        given += 1
                        // Much follows, all in vain.
                        return given == 1 ? Array(text.utf8) : given < 2_000 ? Array("5\n6\n7\n".utf8) : nil
                    }
                }
                #expect(error.sqlState == SQLState(state))
                #expect(error.sql == "COPY copied FROM STDIN")
                try await Self.expectUsable(connection)
            }
            #expect(try await connection.query("SELECT FROM copied").isEmpty)
        }
    }

    @Test func aServerThatFailsInTheMiddle() async throws {
        try await Support.withConnection { connection in
            var bytes = 0
            let error = try await Support.postgresError {
                try await connection.copyOut(
                    "COPY (SELECT 1 / (100000 - generate_series(1, 200000))) TO STDOUT",
                    deadline: Support.soon
                ) { bytes += $0.count }
            }
            #expect(error.sqlState == SQLState("22012"))
            #expect(bytes > 0)
            try await Self.expectUsable(connection)
        }
    }

    @Test(arguments: [true, false])
    func aServerThatEndsTheSession(isOut: Bool) async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            let pid = connection.backendPID
            var isFirst = true
            nonisolated(nonsending) func end() async throws {
                guard isFirst else { return }
                isFirst = false
                _ = try await Support.withConnection { try await $0.query("SELECT pg_terminate_backend($1)", [pid]) }
            }
            let error = try await Support.postgresError {
                if isOut {
                    try await connection.copyOut(Self.endless, deadline: Support.soon) { _ in try await end() }
                } else {
                    try await connection.copyIn("COPY copied FROM STDIN", deadline: Support.soon) {
                        try await end()
                        return [UInt8](repeating: UInt8(ascii: "\n"), count: 100_000)
                    }
                }
            }
            #expect(error.isOutcomeUnknown)
            #expect(connection.health.current == .closed)
        }
    }

    @Test func otherStatementsAreNotCopied() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            for sql in ["SELECT 1", "SELECT 1; SELECT 2", ""] {
                await #expect(throws: PostgresError.self) { try await connection.copyOut(sql) { _ in } }
                await #expect(throws: PostgresError.self) { try await connection.copyIn(sql) { nil } }
            }
            let error = try await Support.postgresError {
                try await connection.copyOut("COPY no_such TO STDOUT") { _ in }
            }
            #expect(error.sqlState == SQLState("42P01"))
            try await Self.expectUsable(connection)
        }
    }

    @Test(arguments: [true, false])
    func theOtherWayRoundEndsTheConnection(isOut: Bool) async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            let error = try await Support.postgresError {
                if isOut {
                    try await connection.copyOut("COPY copied FROM STDIN", deadline: Support.soon) { _ in }
                } else {
                    try await connection.copyIn("COPY copied TO STDOUT", deadline: Support.soon) { nil }
                }
            }
            #expect(error.code == .invalidStatement)
            #expect(connection.health.current == .closed)
        }
    }
}
