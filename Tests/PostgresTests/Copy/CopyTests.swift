import Postgres
import SluiceTesting
import Testing

/// COPY, both ways.
struct CopyTests {
    private static let rows = 300_000

    /// Far more than any socket buffer holds, so both ends wait for each other many times.
    @Test func manyMegabytesOut() async throws {
        try await Support.withConnection { connection in
            var bytes: [UInt8] = []
            var pieces = 0
            let rows = try await connection.copyOut(
                "COPY (SELECT n, repeat('x', n % 100) FROM generate_series(1, \(Self.rows)) AS n) TO STDOUT",
                deadline: Support.soon
            ) { piece in
                #expect(piece.last == UInt8(ascii: "\n"))
                pieces += 1
                bytes += piece
            }
            #expect(rows == Self.rows)
            let expected = (1...Self.rows).map { "\($0)\t" + String(repeating: "x", count: $0 % 100) + "\n" }
            #expect(bytes == Array(expected.joined().utf8))
            #expect(pieces < Self.rows / 100)
            #expect(try await connection.query("SELECT 1").count == 1)
        }
    }

    @Test func manyMegabytesIn() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n bigint, word text)")
            var given = 0
            let rows = try await connection.copyIn("COPY copied FROM STDIN", deadline: Support.soon) {
                if given == Self.rows { return nil }
                defer { given += 1_000 }
                // Cut in the middle of a row.
                return Array((given + 1...given + 1_000).map { "\($0)\tcut here\n" }.joined().utf8)
            }
            #expect(rows == Self.rows)
            let row = try await connection.query("SELECT count(*), sum(n)::bigint, min(word) FROM copied")[0]
            #expect(try row.decode(Int.self, at: 0) == Self.rows)
            #expect(try row.decode(Int.self, at: 1) == Self.rows * (Self.rows + 1) / 2)
            #expect(try row.decode(String.self, at: 2) == "cut here")
        }
    }

    /// In pieces of every size, the whole above what one message may hold among them.
    @Test(arguments: [1, 7, 65_536, 9_000_000])
    func piecesMayBeCutAnywhere(size: Int) async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n bigint, word text)")
            let count = size < 10 ? 100 : 4_000
            let all = Array(
                (1...count).map { "\($0)\t" + String(repeating: "y", count: $0 % 977) + "\n" }.joined().utf8)
            var rest = all[...]
            let rows = try await connection.copyIn("COPY copied FROM STDIN", deadline: Support.soon) {
                if rest.isEmpty { return nil }
                defer { rest = rest.dropFirst(size) }
                return Array(rest.prefix(size))
            }
            #expect(rows == count)
            var back: [UInt8] = []
            try await connection.copyOut("COPY (SELECT * FROM copied ORDER BY n) TO STDOUT", deadline: Support.soon) {
                back += $0
            }
            #expect(back == all)
        }
    }

    @Test func nullsAndEscapesGoThroughAsTheyAre() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int, word text)")
            let text = Array("1\t\\N\n2\t\n3\ta\\tb\\nc\\\\d\n\\N\tü€😀\n".utf8)
            var pieces = [text][...]
            #expect(try await connection.copyIn("COPY copied FROM STDIN") { pieces.popFirst() } == 4)
            let rows = try await connection.query("SELECT n, word FROM copied")
            let words = try rows.map { try $0.decode(String?.self, at: 1) }
            #expect(words == [nil, "", "a\tb\nc\\d", "ü€😀"])
            #expect(try rows.map { try $0.decode(Int32?.self, at: 0) } == [1, 2, 3, nil])
            var back: [UInt8] = []
            try await connection.copyOut("COPY copied TO STDOUT") { back += $0 }
            #expect(back == text)
        }
    }

    @Test func binaryAndNothingAtAll() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            var empty: [UInt8] = []
            #expect(try await connection.copyOut("COPY copied TO STDOUT") { empty += $0 } == 0)
            #expect(empty.isEmpty)
            #expect(try await connection.copyIn("COPY copied FROM STDIN") { nil } == 0)
            var binary: [UInt8] = []
            let rows = try await connection.copyOut(
                "COPY (SELECT n FROM generate_series(1, 3) AS n) TO STDOUT (FORMAT binary)"
            ) { binary += $0 }
            #expect(rows == 3)
            var pieces = [binary][...]
            #expect(
                try await connection.copyIn("COPY copied FROM STDIN (FORMAT binary)") { pieces.popFirst() } == 3)
            #expect(try await connection.query("SELECT sum(n) FROM copied")[0].decode(Int.self, at: 0) == 6)
        }
    }

    @Test func statementsWaitForTheirTurnBehindIt() async throws {
        try await Support.withConnection { connection in
            let began = AsyncStream<Void>.makeStream()
            let task = Task {
                try await connection.copyOut(
                    "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 20000)) TO STDOUT", deadline: Support.soon
                ) { _ in began.continuation.yield() }
            }
            for await _ in began.stream { break }
            let row = try await connection.query("SELECT 5::bigint", deadline: Support.soon)[0]
            #expect(try row.decode(Int.self, at: 0) == 5)
            #expect(try await task.value == 20_000)
        }
    }

    /// What the server can send meanwhile is what the sockets hold. Then it waits, and goes on waiting.
    ///
    /// Looks through a connection of its own: a backend that waits to write holds up `DROP DATABASE` on the whole server,
    /// behind which the fixture's own statements wait.
    @Test func nothingIsReadAheadOfTheReceiver() async throws {
        try await Support.withConnection { connection in
            try await Support.withConnection { observer in
                nonisolated(nonsending) func isHeldUp() async throws -> Bool {
                    try await observer.query(
                        "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'ClientWrite'",
                        [connection.backendPID]
                    ).count == 1
                }
                var looks = 0
                try await connection.copyOut(
                    "COPY (SELECT repeat('x', 1000) || generate_series(1, 200000)) TO STDOUT", deadline: Support.soon
                ) { _ in
                    guard looks == 0 else { return }
                    try await Support.eventually("the server waits until more is read") { try await isHeldUp() }
                    while looks < 200, try await isHeldUp() { looks += 1 }
                }
                #expect(looks == 200)
            }
        }
    }

    @Test func withinATransaction() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE copied (n int)")
            try await connection.withTransaction { transaction in
                var pieces = [Array("1\n2\n".utf8)][...]
                try await transaction.copyIn("COPY copied FROM STDIN") { pieces.popFirst() }
                var bytes: [UInt8] = []
                try await transaction.copyOut("COPY copied TO STDOUT") { bytes += $0 }
                #expect(bytes == Array("1\n2\n".utf8))
            }
            #expect(try await connection.query("SELECT FROM copied").count == 2)
            let error = await #expect(throws: PostgresTransactionError.self) {
                try await connection.withTransaction { transaction in
                    var pieces = [Array("3\n".utf8)][...]
                    try await transaction.copyIn("COPY copied FROM STDIN") { pieces.popFirst() }
                    throw Failure()
                }
            }
            #expect(error?.rollback == nil)
            #expect(try await connection.query("SELECT FROM copied").count == 2)
        }
    }

    struct Failure: Error {}
}
