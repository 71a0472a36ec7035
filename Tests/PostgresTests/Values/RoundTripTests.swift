import Postgres
import SluiceTesting
import Testing

/// Values to the server and back, and what the server itself makes of them.
struct RoundTripTests {
    private func check<Value: PostgresScalar & Equatable>(
        _ values: [Value], _ type: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await Support.withConnection { connection in
            for value in values {
                let row = try await connection.query(
                    "SELECT $1, pg_typeof($1)::text", [value], deadline: Support.soon)[0]
                #expect(try row.decode(Value.self, at: 0) == value, sourceLocation: sourceLocation)
                #expect(try row.decode(String.self, at: 1) == type, sourceLocation: sourceLocation)
            }
            for list in [values, [], Array(values.prefix(1))] {
                let sql = "SELECT $1, coalesce(array_length($1, 1), 0), pg_typeof($1)::text"
                let row = try await connection.query(sql, [list.map(Optional.some)], deadline: Support.soon)[0]
                #expect(try row.decode([Value].self, at: 0) == list, sourceLocation: sourceLocation)
                #expect(try row.decode(Int.self, at: 1) == list.count, sourceLocation: sourceLocation)
                #expect(try row.decode(String.self, at: 2) == type + "[]", sourceLocation: sourceLocation)
            }
            let withNulls: [Value?] = [nil] + values.map(Optional.some) + [nil]
            let row = try await connection.query("SELECT $1", [withNulls], deadline: Support.soon)[0]
            #expect(try row.decode([Value?].self, at: 0) == withNulls, sourceLocation: sourceLocation)
        }
    }

    @Test func int16() async throws { try await check([Int16.min, -1, 0, 1, .max], "smallint") }

    @Test func int32() async throws { try await check([Int32.min, -1, 0, 1, .max], "integer") }

    @Test func int64() async throws { try await check([Int64.min, -1, 0, 1, .max], "bigint") }

    @Test func int() async throws { try await check([Int.min, -1, 0, 1, .max], "bigint") }

    @Test func double() async throws {
        let values = [0, -0.0, 1.5, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity]
        try await check(values, "double precision")
    }

    @Test func bool() async throws { try await check([true, false], "boolean") }

    @Test func string() async throws {
        let values = [
            "", "a", "Ünïcödé ‱ 漢字 🦆", "'; DROP TABLE x; --", "\\ \n \t", String(repeating: "x", count: 100_000),
        ]
        try await check(values, "text")
    }

    @Test func bytes() async throws {
        try await check([[], [0], [UInt8](0...255), [UInt8](repeating: 7, count: 100_000)], "bytea")
    }

    @Test func notANumberSurvives() async throws {
        try await Support.withConnection { connection in
            let row = try await connection.query("SELECT \(Double.nan)", deadline: Support.soon)[0]
            #expect(try row.decode(Double.self, at: 0).isNaN)
        }
    }

    @Test func nullsOfEveryKind() async throws {
        try await Support.withConnection { connection in
            let none: [any PostgresEncodable] = [
                Int16?.none, Int32?.none, Int64?.none, Int?.none, Double?.none, Bool?.none, String?.none, [UInt8]?.none,
                [Int64]?.none, [String?]?.none,
            ]
            let list = none.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            let row = try await connection.query("SELECT \(list)", none, deadline: Support.soon)[0]
            #expect(try row.decode(Int16?.self, at: 0) == nil)
            #expect(try row.decode(String?.self, at: 6) == nil)
            #expect(try row.decode([UInt8]?.self, at: 7) == nil)
            #expect(try row.decode([String?]?.self, at: 9) == nil)
            let types = list.replacing("$", with: "pg_typeof($").replacing(",", with: ")::text,") + ")::text"
            let named = try await connection.query("SELECT \(types)", none, deadline: Support.soon)[0]
            #expect(try named.decode(String.self, at: 7) == "bytea")
            #expect(try named.decode(String.self, at: 9) == "text[]")
        }
    }

    @Test func arraysOfTensOfThousands() async throws {
        try await Support.withConnection { connection in
            let numbers = (0..<50_000).map { Int64($0) * 7_919 }
            let sql = "SELECT $1, (SELECT sum(n) FROM unnest($1) AS n)::bigint"
            let row = try await connection.query(sql, [numbers], deadline: Support.soon)[0]
            #expect(try row.decode([Int64].self, at: 0) == numbers)
            #expect(try row.decode(Int64.self, at: 1) == numbers.reduce(0, +))
        }
    }

    @Test func manyParametersInOneStatement() async throws {
        try await Support.withConnection { connection in
            let values = (0..<60_000).map { Int64($0) }
            let list = values.indices.map { "$\($0 + 1)" }.joined(separator: ",")
            let row = try await connection.query(
                "SELECT array_length(ARRAY[\(list)], 1)", values, deadline: Support.soon)
            #expect(try row[0].decode(Int.self, at: 0) == values.count)
        }
    }

    @Test func moreParametersThanThereCanBe() async throws {
        try await Support.withConnection { connection in
            let values = (0..<70_000).map { Int64($0) }
            let error = try await Support.postgresError {
                try await connection.query("SELECT 1", values, deadline: Support.soon)
            }
            #expect(error.code == .invalidStatement)
            #expect(!error.isOutcomeUnknown)
            #expect(try await connection.query("SELECT 1", deadline: Support.soon).count == 1)
        }
    }

    @Test func rowsAreReadByNumberAndByName() async throws {
        try await Support.withConnection { connection in
            let sql: PostgresQuery = "SELECT n, n::text AS word FROM generate_series(1, 3) AS n"
            let result = try await connection.query(sql, deadline: Support.soon)
            #expect(result.columns == ["n", "word"])
            #expect(try result.map { try $0.decode(Int32.self, named: "n") } == [1, 2, 3])
            #expect(try result.map { try $0.decode(String.self, at: 1) } == ["1", "2", "3"])
            #expect(result.affectedRows == 3)
        }
    }

    @Test func narrowTypesAreReadAsWiderOnes() async throws {
        try await Support.withConnection { connection in
            let sql: PostgresQuery =
                "SELECT 1::smallint, 2::integer, 3::oid, 1.5::real, 'n'::name, 'v'::varchar, 'c'::char(2)"
            let row = try await connection.query(sql, deadline: Support.soon)[0]
            #expect(try row.decode(Int64.self, at: 0) == 1)
            #expect(try row.decode(Int32.self, at: 0) == 1)
            #expect(try row.decode(Int.self, at: 1) == 2)
            #expect(try row.decode(Int64.self, at: 2) == 3)
            #expect(try row.decode(Double.self, at: 3) == 1.5)
            #expect(try row.decode(String.self, at: 4) == "n")
            #expect(try row.decode(String.self, at: 5) == "v")
            #expect(try row.decode(String.self, at: 6) == "c ")
        }
    }

    @Test func enumsAreText() async throws {
        try await PostgresServer.shared().withDatabase { url in
            let connection = try await Support.connect(url)
            try await connection.execute("CREATE TYPE mode AS ENUM ('open', 'closed')")
            let row = try await connection.query("SELECT \("closed")::text::mode", deadline: Support.soon)[0]
            #expect(try row.decode(String.self, at: 0) == "closed")
            await connection.close()
        }
    }

    @Test func affectedRowsOfChanges() async throws {
        try await Support.withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE t (n bigint)")
            let numbers: [Int64] = [1, 2, 3]
            let insert = try await connection.query("INSERT INTO t SELECT unnest(\(numbers))", deadline: Support.soon)
            #expect(insert.affectedRows == 3)
            #expect(insert.commandTag == "INSERT 0 3")
            #expect(try await connection.query("DELETE FROM t WHERE n > 1").affectedRows == 2)
            #expect(try await connection.query("SET LOCAL work_mem = '1MB'").affectedRows == nil)
        }
    }
}
