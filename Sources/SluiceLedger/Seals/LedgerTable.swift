/// A table of the ledger whose days are sealed.
public enum LedgerTable: String, CaseIterable, Sendable {
    case calls, settlements

    /// The view that auditors read it by.
    var view: String { "sluice.ledger_\(rawValue)" }

    /// The column that tells the day of a row, and is the second of its key.
    var clock: String {
        switch self {
        case .calls: "admitted_at"
        case .settlements: "settled_at"
        }
    }

    /// Those that format 1 of the seals digests, in this order.
    var columns: [String] {
        switch self {
        case .calls:
            [
                "user_id", "admitted_at", "call_id", "weight", "running_total", "total_since", "policy_id", "mode",
                "id_supplied", "route", "model", "replica", "key_id", "logical_id", "attempt", "reserved_input",
                "reserved_output", "reserved_cost",
            ]
        case .settlements:
            [
                "user_id", "settled_at", "call_id", "admitted_at", "model", "input_tokens", "cached_tokens",
                "cache_write_tokens", "output_tokens", "reasoning_tokens", "cost_nanousd", "price_id", "basis",
                "is_correction", "status", "duration_ms", "replica", "input_total", "output_total", "cost_total",
                "total_since",
            ]
        }
    }
}
