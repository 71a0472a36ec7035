import SluiceCore

@testable import SluiceJournal

let outage = StoreError(.unavailable, "the server is away")

extension UncheckedCall {
    static func random(
        using generator: inout some RandomNumberGenerator, mayExist: Bool? = nil
    ) throws -> UncheckedCall {
        func bits() -> UUIDBits { UUIDBits(high: generator.next(), low: generator.next()) }
        func label() -> String? {
            Bool.random(using: &generator) ? ["", "chat", "日本語/模型"].randomElement(using: &generator) : nil
        }
        let call = try Call(
            user: UserID(bits: bits()), id: CallID(bits: bits()), isIDSupplied: .random(using: &generator),
            weight: .random(in: 1...Call.maximumWeight, using: &generator), route: label(), model: label())
        return UncheckedCall(
            call, admittedAt: Timestamp(microseconds: .random(in: 0 ... .max, using: &generator)),
            policyID: .random(in: .min ... .max, using: &generator),
            mayExistSince: mayExist ?? .random(using: &generator) ? Timestamp(microseconds: 7) : nil)
    }

    /// One whose fields do not matter, but for its id.
    static func fresh(at second: Int64 = 1) throws -> UncheckedCall {
        var generator = SystemRandomNumberGenerator()
        let call = try Call(
            user: UserID(bits: UUIDBits(high: generator.next(), low: 1)),
            id: CallID(bits: UUIDBits(high: generator.next(), low: generator.next())), route: "chat")
        return UncheckedCall(call, admittedAt: Timestamp(microseconds: second * 1_000_000), policyID: 1)
    }

    static func fresh(_ count: Int) throws -> [UncheckedCall] {
        try (1...count).map { try .fresh(at: Int64($0)) }
    }
}

/// A segment as a writer leaves it.
func segment(_ calls: [UncheckedCall], replica: String? = "replica-1") -> [UInt8] {
    let header = SegmentHeader(
        owner: UUIDBits(high: 1, low: 2), createdAt: Timestamp(microseconds: 3), replica: replica)
    return calls.reduce(into: header.encoded) { $0 += CallRecord.encode($1) }
}

extension SegmentReader {
    /// What can be read, and what is wrong.
    static func readAll(_ bytes: [UInt8]) -> (records: [Record], damage: [SegmentDamage], sound: Int) {
        var reader = SegmentReader(bytes)
        var records: [Record] = []
        while let record = reader.next() { records.append(record) }
        return (records, reader.damage, reader.soundBytes)
    }
}
