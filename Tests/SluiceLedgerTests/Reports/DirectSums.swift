/// Sums over the ledger's own tables, without any of its views.
enum DirectSums {
    static let sums = """
        sum(calls)::bigint, sum(weight)::bigint, sum(unchecked)::bigint, sum(settled)::bigint, sum(unpriced)::bigint,
        sum(input)::bigint, sum(output)::bigint, sum(cost)::bigint
        """
    static let found = """
        sum(calls)::bigint, sum(weight)::bigint, sum(unchecked)::bigint, sum(settled)::bigint, sum(unpriced)::bigint,
        sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_nanousd)::bigint
        """

    static let rows = """
        SELECT c.admitted_at AS at, c.user_id, nullif(c.model, '') AS model, c.key_id, c.route, 1 AS calls, c.weight,
            CASE WHEN c.mode = 'unchecked' THEN 1 ELSE 0 END AS unchecked, 0 AS settled, 0 AS unpriced, 0 AS input,
            0 AS output, 0 AS cost
        FROM sluice.calls AS c
        UNION ALL
        SELECT s.settled_at, s.user_id, nullif(s.model, ''), c.key_id, c.route, 0, 0, 0,
            CASE WHEN s.is_correction THEN 0 ELSE 1 END,
            CASE WHEN s.is_correction OR s.cost_nanousd IS NOT NULL THEN 0 ELSE 1 END,
            s.input_tokens, s.output_tokens, coalesce(s.cost_nanousd, 0)
        FROM sluice.settlements AS s LEFT JOIN sluice.calls AS c USING (user_id, call_id, admitted_at)
        """

    static func grouped(by key: String, where condition: String = "true") -> String {
        "SELECT \(key) AS key, \(sums) FROM (\(rows)) AS r WHERE \(condition) GROUP BY 1"
    }
}
