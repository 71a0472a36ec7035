import SluiceLedger

extension AuditTable {
    init(_ lines: [SpendLine], by key: SpendKey) {
        self.init(
            columns: [Column(key.column)] + Self.spend, rows: lines.map { [AuditCell($0.key)] + Self.cells($0.spend) })
    }

    init(_ total: Spend) {
        self.init(columns: Self.spend, rows: [Self.cells(total)])
    }

    private static let spend = [
        Column("calls"), Column("weight", isDetail: true), Column("unchecked"), Column("settled"), Column("unpriced"),
        Column("input_tokens"), Column("cached_tokens", isDetail: true), Column("cache_write_tokens", isDetail: true),
        Column("output_tokens"), Column("reasoning_tokens", isDetail: true), Column("cost_nanousd", isDetail: true),
        Column("cost_usd"),
    ]

    private static func cells(_ spend: Spend) -> [AuditCell] {
        [
            spend.calls, spend.weight, spend.unchecked, spend.settled, spend.unpriced, spend.inputTokens,
            spend.cachedTokens, spend.cacheWriteTokens, spend.outputTokens, spend.reasoningTokens, spend.cost,
        ].map(AuditCell.integer) + [.usd(spend.cost)]
    }
}

extension SpendKey {
    /// The column's name.
    fileprivate var column: String { self == .user || self == .key ? "\(rawValue)_id" : rawValue }
}
