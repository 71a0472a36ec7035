import Foundation

/// A statement of `migrations/released/calls.sql`.
struct ReleasedCall {
    let sql: String
    /// For those who may not admit calls.
    let isForAuditors: Bool

    /// In the order of the file, in which later ones need earlier ones.
    static var all: [ReleasedCall] {
        get throws {
            try ProjectFile("migrations/released/calls.sql").text.components(separatedBy: "\n\n").compactMap(parse)
        }
    }

    /// Of the schema, called or named with an opening parenthesis after it.
    var functions: Set<String> {
        Set(
            sql.components(separatedBy: "sluice.").dropFirst().compactMap { rest in
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                return rest.dropFirst(name.count).first == "(" ? String(name) : nil
            })
    }

    private static func parse(_ block: String) -> ReleasedCall? {
        let lines = block.split(separator: "\n")
        let statement = lines.drop { $0.hasPrefix("--") }.joined(separator: "\n")
        return statement.isEmpty ? nil : ReleasedCall(sql: statement, isForAuditors: lines.contains("-- as auditor"))
    }
}
