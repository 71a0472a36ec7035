import SluiceCore
import SluiceLedger
import SluiceTesting

/// Random rows of a ledger: few users and models, nulls, corrections that take back, calls never settled, late ones.
struct RandomLedger {
    var calls: [WrittenCall] = []
    var settlements: [WrittenSettlement] = []

    static let models: [String?] = ["gpt-4o", "gpt-4o-mini", "claude", nil, ""]
    static let users = (0..<4).map { _ in UserID.fresh() }
    static let keys = (0..<3).map { _ in UserID.fresh().bits }

    init(_ count: Int, in days: Range<LedgerDay>, using generator: inout SeededGenerator) {
        for _ in 0..<count {
            let call = Self.call(in: days, isUnchecked: .random(in: 0..<5, using: &generator) == 0, using: &generator)
            calls.append(call)
            guard Int.random(in: 0..<4, using: &generator) > 0 else { continue }
            settle(call, before: days.upperBound, using: &generator)
        }
    }

    static func call(
        in days: Range<LedgerDay>, isUnchecked: Bool, using generator: inout SeededGenerator
    ) -> WrittenCall {
        let at = Timestamp(
            microseconds: .random(
                in: days.lowerBound.start.microseconds..<days.upperBound.start.microseconds, using: &generator))
        var call = WrittenCall(user: pick(users, &generator), at: at, id: .fresh())
        call.model = pick(models, &generator)
        call.route = pick(["/v1/chat", "/v1/embeddings", nil], &generator)
        call.key = pick(keys + [nil], &generator)
        call.weight = .random(in: 1...5, using: &generator)
        call.isUnchecked = isUnchecked
        return call
    }

    private static func pick<Value>(_ values: [Value], _ generator: inout SeededGenerator) -> Value {
        values[.random(in: values.indices, using: &generator)]
    }

    private mutating func settle(_ call: WrittenCall, before end: LedgerDay, using generator: inout SeededGenerator) {
        // Some are settled on a later day, and none after the last.
        let later = Int64.random(in: 0...200_000_000_000, using: &generator)
        let at = Timestamp(microseconds: min(call.at.microseconds + later, end.start.microseconds - 2))
        var row = WrittenSettlement(call: call, at: at)
        row.model = Self.pick(Self.models, &generator)
        row.input = .random(in: 0...1_000, using: &generator)
        row.output = .random(in: 0...1_000, using: &generator)
        row.cost = Bool.random(using: &generator) ? .random(in: 0...1_000_000_000, using: &generator) : nil
        settlements.append(row)
        guard Int.random(in: 0..<4, using: &generator) == 0 else { return }
        var correction = WrittenSettlement(call: call, at: Timestamp(microseconds: at.microseconds + 1))
        correction.model = row.model
        correction.input = .random(in: -row.input...1_000, using: &generator)
        correction.output = -row.output
        correction.cost = row.cost.map { -$0 / 2 }
        correction.isCorrection = true
        settlements.append(correction)
    }
}
