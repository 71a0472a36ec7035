/// The `COPY` that yields the canonical bytes of some rows of a seal.
public struct RangeQuery: Sendable {
    public let table: LedgerTable
    public let day: LedgerDay
    public let part: SealPart
    /// Needed for ``SealPart/late``: whose rows.
    public let seal: Int
    /// Rows after this one; `nil` from the first.
    public let after: LedgerKey?
    /// Rows up to this one; `nil` to the last.
    public let through: LedgerKey?

    public init(
        table: LedgerTable, day: LedgerDay, part: SealPart, seal: Int, after: LedgerKey?, through: LedgerKey?
    ) {
        (self.table, self.day, self.part, self.seal) = (table, day, part, seal)
        (self.after, self.through) = (after, through)
    }

    /// All rows of a part.
    init(all part: SealPart, of seal: Seal) {
        self.init(table: seal.table, day: seal.day, part: part, seal: seal.number, after: nil, through: nil)
    }

    /// Whether there is any such row.
    var existence: String { "SELECT EXISTS (SELECT FROM \(source) AND \(bounds))" }

    /// How many rows have a key of which a part is null, which no range holds: only where constraints were dropped.
    var keyless: String {
        "SELECT count(*) FROM \(source) AND \(dates(alias)) AND (\(alias).user_id IS NULL OR \(alias).call_id IS NULL)"
    }

    public var sql: String {
        let columns = table.columns.map { "r.\($0)" }.joined(separator: ", ")
        return "COPY (SELECT \(columns) FROM \(source) AND \(bounds) ORDER BY \(key)) TO STDOUT"
    }

    /// `k` has the index that gives the order.
    private var source: String {
        switch (part, table) {
        case (.late, _):
            """
            sluice.sealed_late_calls AS k JOIN \(table.view) AS r USING (user_id, \(table.clock), call_id) \
            WHERE k.seal_no = \(seal) AND \(dates("r"))
            """
        case (.ordered, .calls): "\(table.view) AS r WHERE r.mode IS DISTINCT FROM 'unchecked'"
        case (.ordered, .settlements): "\(table.view) AS r WHERE true"
        }
    }

    private var alias: String { part == .late ? "k" : "r" }
    private var key: String { "\(alias).user_id, \(alias).\(table.clock), \(alias).call_id" }

    private var bounds: String {
        let lower = after.map { " AND (\(key)) > \($0.literal)" } ?? ""
        let upper = through.map { " AND (\(key)) <= \($0.literal)" } ?? ""
        return dates(alias) + lower + upper
    }

    private func dates(_ alias: String) -> String {
        """
        \(alias).\(table.clock) >= '\(day) 00:00:00+00'::timestamptz \
        AND \(alias).\(table.clock) < '\(day.next) 00:00:00+00'::timestamptz
        """
    }
}
