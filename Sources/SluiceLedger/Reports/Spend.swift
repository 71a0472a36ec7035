import Postgres

/// What calls took, summed up. Calls count when they were admitted, everything else when it was settled.
public struct Spend: Hashable, Sendable {
    /// Calls admitted.
    public var calls: Int64 = 0
    /// Sum of their weights.
    public var weight: Int64 = 0
    /// Those of the calls that were let through in an outage.
    public var unchecked: Int64 = 0
    /// Calls settled.
    public var settled: Int64 = 0
    /// Those of the settled calls whose price was not known.
    public var unpriced: Int64 = 0
    /// Tokens of questions, those from and into the provider's cache included.
    public var inputTokens: Int64 = 0
    /// Part of ``inputTokens`` that was read from the provider's cache.
    public var cachedTokens: Int64 = 0
    /// Part of ``inputTokens`` that was written to the provider's cache.
    public var cacheWriteTokens: Int64 = 0
    /// Tokens of answers, those of reasoning included.
    public var outputTokens: Int64 = 0
    /// Part of ``outputTokens`` that models thought and did not show.
    public var reasoningTokens: Int64 = 0
    /// Nano-USD; saturates at the ends of the range.
    public var cost: Int64 = 0

    public init() {}

    public static func + (left: Spend, right: Spend) -> Spend {
        var sum = left
        for field in fields { sum[keyPath: field] = saturated(left[keyPath: field], right[keyPath: field]) }
        return sum
    }

    private static func saturated(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? (right < 0 ? .min : .max) : sum
    }
}

extension Spend {
    private static var fields: [WritableKeyPath<Spend, Int64>] {
        [
            \.calls, \.weight, \.unchecked, \.settled, \.unpriced, \.inputTokens, \.cachedTokens, \.cacheWriteTokens,
            \.outputTokens, \.reasoningTokens, \.cost,
        ]
    }

    /// The columns of the ledger's views in the order of ``fields``.
    private static let names = [
        "calls", "weight", "unchecked", "settled", "unpriced", "input_tokens", "cached_tokens", "cache_write_tokens",
        "output_tokens", "reasoning_tokens", "cost_nanousd",
    ]

    /// The columns of a view that is called `r`, for one branch of a union.
    static let columns =
        names.map { $0 == "cost_nanousd" ? "r.cost_nanousd::numeric AS cost_nanousd" : "r.\($0)" }.joined(
            separator: ", ")

    /// Their sums over what is called `s`.
    static let sums = names.map { name in
        "greatest(least(coalesce(sum(s.\(name)), 0), 9223372036854775807), -9223372036854775808)::bigint AS \(name)"
    }
    .joined(separator: ", ")

    /// Reads what ``sums`` selects, from the column with this number on.
    static func decode(_ row: PostgresRow, from first: Int) throws(PostgresError) -> Spend {
        var spend = Spend()
        var column = first
        for field in fields {
            spend[keyPath: field] = try row.decode(at: column)
            column += 1
        }
        return spend
    }
}
