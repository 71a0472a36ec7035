import Postgres

/// One line of a report on spend.
public struct SpendLine: Hashable, Sendable {
    /// A day (`2026-11-28`), a month (`2026-11`), a model, a route, or the UUID of a user or key; `nil` where the ledger
    /// knows none.
    public let key: String?
    public let spend: Spend

    public init(key: String?, spend: Spend) {
        self.key = key
        self.spend = spend
    }

    static func decode(_ row: PostgresRow) throws(PostgresError) -> SpendLine {
        SpendLine(key: try row.decode(at: 0), spend: try Spend.decode(row, from: 1))
    }
}

extension [SpendLine] {
    /// In time, or those who spent most first.
    func ordered(by key: SpendKey) -> [SpendLine] {
        sorted { left, right in
            if !key.isTime, left.spend.cost != right.spend.cost { return left.spend.cost > right.spend.cost }
            if !key.isTime, left.spend.calls != right.spend.calls { return left.spend.calls > right.spend.calls }
            return (left.key ?? "") < (right.key ?? "")
        }
    }

    /// Lines with the same key become one.
    static func merging(_ parts: [SpendLine]) -> [SpendLine] {
        Dictionary(parts.map { ($0.key, $0.spend) }, uniquingKeysWith: +).map { SpendLine(key: $0, spend: $1) }
    }
}
