import Foundation
import SluiceTesting

/// A block of SQL in a page of the documentation; its first line says as whom it is run.
struct GuideBlock: CustomStringConvertible {
    /// What it answers with.
    enum Answer: String {
        case rows = ""
        case anything = "may find nothing"
        case nothing = "finds nothing"
    }

    /// Where its first line is.
    let line: Int
    let role: TestRole
    let answer: Answer
    let sql: String

    var description: String { "the block at line \(line):\n\(sql)" }

    /// All blocks of `docs/` and a name, in their order.
    static func all(in page: String) throws -> [GuideBlock] {
        let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../docs")
        let text = try String(contentsOf: docs.appendingPathComponent(page), encoding: .utf8)
        var blocks: [GuideBlock] = []
        var open: (line: Int, lines: [String])?
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if trimmed == "```sql" {
                open = (index + 2, [])
            } else if trimmed == "```", let block = open {
                blocks.append(try GuideBlock(line: block.line, block.lines))
                open = nil
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    private init(line: Int, _ lines: [String]) throws {
        let words = lines.first?.trimmingCharacters(in: .whitespaces).components(separatedBy: ", ") ?? []
        let roles: [String: TestRole] = [
            "-- as a superuser": .superuser, "-- as sluice_owner": .migrator, "-- as sluice_app": .app,
            "-- as sluice_audit": .auditor,
        ]
        guard let role = words.first.flatMap({ roles[$0] }),
            let answer = Answer(rawValue: words.dropFirst().first ?? "")
        else { throw GuideError("line \(line) does not say as whom the block is run: \(lines.first ?? "")") }
        self.line = line
        self.role = role
        self.answer = answer
        sql = lines.joined(separator: "\n") + "\n"
    }
}

struct GuideError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
