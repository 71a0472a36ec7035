import Postgres
import SluiceTesting
import Testing

/// The files of `Tests/Sql`, which a DBA can also run with psql.
@Suite struct SQLFileTests {
    private static let folder = "Tests/Sql"

    static let names = (try? ProjectFile(folder).names(endingWith: ".sql").filter { $0 != "support.sql" }) ?? []

    @Test func filesAreFound() {
        #expect(Self.names.count >= 4)
    }

    @Test(arguments: names)
    func everyAssertionHolds(_ name: String) async throws {
        let support = try ProjectFile("\(Self.folder)/support.sql").text
        let script = try ProjectFile("\(Self.folder)/\(name)").text
        let role = try #require(Self.role(script), "the file begins with -- As app: or -- As superuser:")
        try await withTestDatabase { database in
            try await database.withConnection(as: role) { connection in
                try await connection.execute(support)
                try await connection.execute(script)
            }
        }
    }

    private static func role(_ script: String) -> TestRole? {
        guard let word = script.split(separator: ":").first, word.hasPrefix("-- As ") else { return nil }
        return TestRole.allCases.first { word == "-- As \($0)" }
    }
}
