import SluiceCore
import SluiceTesting

/// A row of `sluice.calls`.
struct WrittenCall {
    let user: UserID
    let at: Timestamp
    let id: CallID
    var model: String?
    var route: String?
    var replica = "a"
    var key: UUIDBits?
    var weight: Int64 = 1
    var isUnchecked = false

    static func insertion(of calls: [WrittenCall]) -> String {
        let rows = calls.map { call in
            let at = "to_timestamp(0) + \(call.at.microseconds) * interval '1 microsecond'"
            let total = call.isUnchecked ? "NULL, NULL" : "\(call.weight), \(at)"
            return """
                ('\(call.user)', \(at), '\(call.id)', \(call.weight), \(total), 1, \
                '\(call.isUnchecked ? "unchecked" : "enforced")', false, \(text(call.route)), \(text(call.model)), \
                '\(call.replica)', \(text(call.key?.description))::uuid)
                """
        }
        return """
            INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
                id_supplied, route, model, replica, key_id)
            VALUES \(rows.joined(separator: ", "))
            """
    }
}

/// A row of `sluice.settlements`.
struct WrittenSettlement {
    let call: WrittenCall
    let at: Timestamp
    var model: String?
    var input: Int64 = 0
    var output: Int64 = 0
    /// Nano-USD.
    var cost: Int64?
    var isCorrection = false

    static func insertion(of settlements: [WrittenSettlement]) -> String {
        let rows = settlements.map { row in
            let at = "to_timestamp(0) + \(row.at.microseconds) * interval '1 microsecond'"
            let admitted = "to_timestamp(0) + \(row.call.at.microseconds) * interval '1 microsecond'"
            return """
                ('\(row.call.user)', \(at), '\(row.call.id)', \(admitted), \(text(row.model)), \(row.input), 0, 0, \
                \(row.output), 0, \(row.cost.map(String.init) ?? "NULL"), 1, 'measured', \(row.isCorrection), 0, 0, 0, \(at))
                """
        }
        return """
            INSERT INTO sluice.settlements (user_id, settled_at, call_id, admitted_at, model, input_tokens, cached_tokens,
                cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd, price_id, basis, is_correction,
                input_total, output_total, cost_total, total_since)
            VALUES \(rows.joined(separator: ", "))
            """
    }
}

private func text(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
