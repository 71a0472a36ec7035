import Foundation
import Postgres
import SluiceTesting
import Testing

/// What `docs/sql-api.md` shows is what happens.
@Suite struct DocumentationTests {
    @Test func examplesOfTheSQLAPI() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs")
        let text = try String(contentsOf: folder.appendingPathComponent("sql-api.md"), encoding: .utf8)
        let block = try #require(
            text.components(separatedBy: "```sql\n").dropFirst().first?.components(separatedBy: "```").first)
        try await withTestDatabase { database in
            try await database.withConnections(and: .auditor) { connection, auditor in
                var shown = 0
                var answer: [String] = []
                for line in block.split(separator: "\n").map(String.init) {
                    if line.hasPrefix("SELECT") {
                        let reader = line.contains("sluice.ledger_calls") ? auditor : connection
                        let row = try #require(try await reader.query(line, []).first)
                        answer = try (0..<row.count).map { try Self.text(row, $0) }
                    } else if line.hasPrefix("--  ") {
                        #expect(answer.joined(separator: " | ") == line.dropFirst(4))
                        shown += 1
                    }
                }
                #expect(shown == 5)
            }
        }
    }

    private static func text(_ row: PostgresRow, _ column: Int) throws -> String {
        if let numbers = try? row.decode([Int64].self, at: column) {
            return "{" + numbers.map(String.init).joined(separator: ",") + "}"
        }
        return try row.decode(String.self, at: column)
    }
}
