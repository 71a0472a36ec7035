import Postgres
import Testing

/// Answers that are not what was asked for.
struct DecodingTests {
    /// Reads column 0 of a statement and gives the message of the error.
    private func message<Value: PostgresDecodable>(of sql: String, as type: Value.Type) async throws -> String {
        try await Support.withConnection { connection in
            let row = try await connection.query(sql, [], deadline: Support.soon)[0]
            let error = try await Support.postgresError { _ = try row.decode(type, at: 0) }
            #expect(error.code == .decoding)
            return error.message
        }
    }

    @Test func aWrongTypeIsNamed() async throws {
        let text = try await message(of: "SELECT 'x'::text AS word", as: Int64.self)
        #expect(text == "column 0 'word' is text, which Int64 does not read")
        #expect(try await message(of: "SELECT 1::bigint", as: Int32.self).contains("int8, which Int32"))
        #expect(try await message(of: "SELECT ARRAY[1]", as: Int64.self).contains("int4[], which Int64"))
        #expect(try await message(of: "SELECT ARRAY['x']", as: [Int64].self).contains("text[], which Array<Int64>"))
        #expect(try await message(of: "SELECT '{}'::jsonb", as: String.self).contains("jsonb, which String"))
        #expect(try await message(of: "SELECT 1::numeric", as: Double.self).contains("numeric, which Double"))
    }

    @Test func nullNeedsAnOptional() async throws {
        let text = try await message(of: "SELECT NULL::bigint AS n", as: Int64.self)
        #expect(text == "column 0 'n' is int8 and NULL, Int64 was asked for")
        #expect(try await message(of: "SELECT ARRAY[1, NULL]", as: [Int64].self).contains("NULL"))
    }

    @Test func valuesThatDoNotFit() async throws {
        #expect(try await message(of: "SELECT 256::smallint", as: UInt8.self).contains("cannot hold"))
    }

    @Test func twoDimensionsAreRefused() async throws {
        #expect(try await message(of: "SELECT ARRAY[[1, 2], [3, 4]]", as: [Int64].self).contains("does not read"))
    }

    @Test func arraysOfAnyLowerBoundAreRead() async throws {
        try await Support.withConnection { connection in
            let row = try await connection.query("SELECT '[5:7]={1,2,3}'::bigint[]", deadline: Support.soon)[0]
            #expect(try row.decode([Int64].self, at: 0) == [1, 2, 3])
        }
    }

    @Test func missingColumns() async throws {
        try await Support.withConnection { connection in
            let row = try await connection.query("SELECT 1", deadline: Support.soon)[0]
            let byName = try await Support.postgresError { _ = try row.decode(Int64.self, named: "nowhere") }
            #expect(byName.message == "there is no column 'nowhere'")
            for column in [-1, 1, .max] {
                let error = try await Support.postgresError { _ = try row.decode(Int64.self, at: column) }
                #expect(error.code == .decoding)
            }
        }
    }

    /// What a hostile server might send: every cut and every changed byte of a good array is read or refused, never more.
    @Test func arraysFromAHostileServer() throws {
        var good: [UInt8] = []
        for word in [1, 1, 20, 3, 1, 8] as [UInt32] { good += bytes(word) }
        good += bytes(0) + bytes(5)
        good += bytes(0xFFFF_FFFF)
        good += bytes(8) + bytes(0) + bytes(6)
        #expect(try decode(good) == [5, nil, 6])
        for length in 0..<good.count {
            #expect(throws: PostgresDecodingFailure.self) { try decode(Array(good.prefix(length))) }
        }
        for index in good.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var bad = good
                bad[index] = value
                _ = try? decode(bad)
            }
        }
        let hugeCount = bytes(1) + bytes(0) + bytes(20) + bytes(0x7FFF_FFFF) + bytes(1)
        #expect(throws: PostgresDecodingFailure.malformed) { try decode(hugeCount) }
    }

    private func bytes(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }

    private func decode(_ bytes: [UInt8]) throws -> [Int64?] {
        try [Int64?].decode(from: bytes.span.bytes, type: PostgresType.int8.array)
    }
}
