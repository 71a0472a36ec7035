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
            weight: .random(in: 1...Call.maximumWeight, using: &generator), route: label(), model: label(),
            origin: .random(using: &generator))
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

extension CallOrigin {
    /// One of any shape, or none.
    static func random(using generator: inout some RandomNumberGenerator) -> CallOrigin? {
        func bits() -> UUIDBits? {
            Bool.random(using: &generator) ? UUIDBits(high: generator.next(), low: generator.next()) : nil
        }
        func amount() -> Int64 { .random(in: 0...Reservation.maximum, using: &generator) }
        guard Bool.random(using: &generator) else { return nil }
        let cost = Bool.random(using: &generator) ? amount() : nil
        let reservation = Reservation(inputTokens: amount(), outputTokens: amount(), cost: cost)
        return CallOrigin(
            key: bits().map(KeyID.init(bits:)), logicalID: bits().map(CallID.init(bits:)),
            attempt: .random(in: 0...32_767, using: &generator),
            reservation: .random(using: &generator) ? reservation : nil)
    }
}

extension JournalEntry {
    /// A settlement of any shape.
    static func randomSettlement(using generator: inout some RandomNumberGenerator) throws -> JournalEntry {
        func bits() -> UUIDBits { UUIDBits(high: generator.next(), low: generator.next()) }
        func tokens() -> Int64 { .random(in: 0...Reservation.maximum, using: &generator) }
        func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &generator) ? value : nil }
        let settlement = try Settlement(
            user: UserID(bits: bits()), callID: CallID(bits: bits()),
            admittedAt: maybe(Timestamp(microseconds: .random(in: .min ... .max, using: &generator))),
            model: maybe("日本語/模型"),
            usage: TokenUsage(
                input: tokens(), cached: tokens(), cacheWrite: tokens(), output: tokens(), reasoning: tokens()),
            basis: Settlement.Basis.allCases.randomElement(using: &generator) ?? .measured,
            status: maybe(.random(in: .min ... .max, using: &generator)),
            duration: maybe(.microseconds(Int64.random(in: 0...86_400_000_000, using: &generator))))
        return .settlement(settlement, settledAt: Timestamp(microseconds: .random(in: 0 ... .max, using: &generator)))
    }

    /// The settlement of a call, some time after it.
    static func settlement(of call: UncheckedCall, isAdmissionKnown: Bool = true) throws -> JournalEntry {
        let settlement = try Settlement(
            user: call.call.user, callID: call.call.id, admittedAt: isAdmissionKnown ? call.admittedAt : nil,
            model: "m", usage: TokenUsage(input: 5, output: 7), basis: .measured)
        return .settlement(settlement, settledAt: call.admittedAt.advanced(by: .seconds(1)))
    }
}

/// A segment as a writer leaves it.
func segment(_ calls: [UncheckedCall], replica: String? = "replica-1") -> [UInt8] {
    segment(entries: calls.map(JournalEntry.call), replica: replica)
}

func segment(entries: [JournalEntry], replica: String? = "replica-1") -> [UInt8] {
    let header = SegmentHeader(
        owner: UUIDBits(high: 1, low: 2), createdAt: Timestamp(microseconds: 3), replica: replica)
    return entries.reduce(into: header.encoded) { $0 += $1.encoded }
}

extension SegmentReader.Record {
    var call: UncheckedCall? { if case .call(let call) = entry { call } else { nil } }
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
