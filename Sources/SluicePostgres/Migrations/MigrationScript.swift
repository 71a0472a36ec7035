/// One file of a step: what it runs, and what its header says.
public struct MigrationScript: Hashable, Sendable {
    /// The first line of a file whose statements cannot run in a transaction, and are run one by one.
    public static let directive = "-- sluice:no-transaction"
    /// The line between two statements of such a file.
    public static let separator = "-- sluice:then"

    public let sql: String

    public init(_ sql: String) {
        self.sql = sql
    }

    /// Whether the file runs in one transaction with the row that records it.
    public var isTransactional: Bool { lines.first != Self.directive[...] }

    /// What is sent at once: the whole file, or each statement of one that has no transaction.
    public var statements: [String] {
        guard !isTransactional else { return [sql] }
        return lines.dropFirst().split { $0 == Self.separator[...] }.map { $0.joined(separator: "\n") }
    }

    /// What the header says about locks, in one line; `nil` when it says nothing.
    public var locks: String? {
        let label = "-- Locks: "
        guard let first = lines.firstIndex(where: { $0.hasPrefix(label) }) else { return nil }
        let more = lines[(first + 1)...].prefix { $0.hasPrefix("-- ") }
        return ([lines[first].dropFirst(label.count)] + more.map { $0.dropFirst(3) }).joined(separator: " ")
    }

    /// The indexes that it builds without a transaction. Killed in the middle of one, it leaves that one invalid.
    var concurrentIndexes: [String] {
        guard !isTransactional else { return [] }
        let creation =
            #/
            (?ix) create \s+ (?:unique\s+)? index \s+ concurrently \s+ (?:if\s+not\s+exists\s+)? "?([a-z_][a-z0-9_$]*)
            /#
        return sql.matches(of: creation).map { String($0.output.1) }.filter { $0.lowercased() != "on" }
    }

    /// Whether a statement waits for older transactions to end, which PostgreSQL counts as waiting for a lock, but holds
    /// back nobody who reads or writes rows meanwhile.
    static func isConcurrent(_ statement: String) -> Bool { statement.contains(/(?i)\bconcurrently\b/) }

    private var lines: [Substring] { sql.split(separator: "\n", omittingEmptySubsequences: false) }
}
