import HummingbirdSluice
import SluiceCore
import SluiceJournal

/// A record of the journal as `sluice journal inspect` prints it.
enum JournalLine: Encodable {
    case call(CallLine)
    case settlement(SettlementLine)

    init(_ entry: JournalEntry) {
        self =
            switch entry {
            case .call(let call): .call(CallLine(call))
            case .settlement(let settlement, let settledAt): .settlement(SettlementLine(settlement, settledAt))
            }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .call(let line): try line.encode(to: encoder)
        case .settlement(let line): try line.encode(to: encoder)
        }
    }
}

/// A call that was let through.
struct CallLine: Encodable {
    let type = "call"
    let user: String
    let callID: String
    let isIDSupplied: Bool
    let weight: Int64
    let route: String?
    let model: String?
    let admittedAt: String
    let policyID: Int32
    let mayExistSince: String?
    let keyID: String?
    let logicalID: String?
    let attempt: Int16?
    let reservedInput: Int64?
    let reservedOutput: Int64?
    let reservedCost: Int64?

    enum CodingKeys: String, CodingKey {
        case type, user, weight, route, model, attempt
        case callID = "call_id"
        case isIDSupplied = "id_supplied"
        case admittedAt = "admitted_at"
        case policyID = "policy_id"
        case mayExistSince = "may_exist_since"
        case keyID = "key_id"
        case logicalID = "logical_id"
        case reservedInput = "reserved_input"
        case reservedOutput = "reserved_output"
        case reservedCost = "reserved_cost"
    }

    init(_ unchecked: UncheckedCall) {
        let origin = unchecked.call.origin
        user = unchecked.call.user.description
        callID = unchecked.call.id.description
        isIDSupplied = unchecked.call.isIDSupplied
        weight = unchecked.call.weight
        route = unchecked.call.route
        model = unchecked.call.model
        admittedAt = unchecked.admittedAt.rfc3339
        policyID = unchecked.policyID
        mayExistSince = unchecked.mayExistSince?.rfc3339
        keyID = origin?.key?.description
        logicalID = origin?.logicalID?.description
        attempt = origin?.attempt
        reservedInput = origin?.reservation?.inputTokens
        reservedOutput = origin?.reservation?.outputTokens
        reservedCost = origin?.reservation?.cost
    }
}

/// What a call has taken.
struct SettlementLine: Encodable {
    let type = "settlement"
    let user: String
    let callID: String
    let settledAt: String
    let admittedAt: String?
    let model: String?
    let basis: String
    let input: Int64
    let cached: Int64
    let cacheWrite: Int64
    let output: Int64
    let reasoning: Int64
    let status: Int16?
    let durationMilliseconds: Int64?

    enum CodingKeys: String, CodingKey {
        case type, user, model, basis, status
        case callID = "call_id"
        case settledAt = "settled_at"
        case admittedAt = "admitted_at"
        case input = "input_tokens"
        case cached = "cached_tokens"
        case cacheWrite = "cache_write_tokens"
        case output = "output_tokens"
        case reasoning = "reasoning_tokens"
        case durationMilliseconds = "duration_ms"
    }

    init(_ settlement: Settlement, _ settledAt: Timestamp) {
        user = settlement.user.description
        callID = settlement.callID.description
        self.settledAt = settledAt.rfc3339
        admittedAt = settlement.admittedAt?.rfc3339
        model = settlement.model
        basis = settlement.basis.rawValue
        input = settlement.usage.input
        cached = settlement.usage.cached
        cacheWrite = settlement.usage.cacheWrite
        output = settlement.usage.output
        reasoning = settlement.usage.reasoning
        status = settlement.status
        durationMilliseconds = settlement.duration.map { $0.wholeMicroseconds / 1_000 }
    }
}
