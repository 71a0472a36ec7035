import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceJournal

@Suite struct SettlementFormatTests {
    /// Calls and settlements in turn.
    private func entries(_ count: Int, seed: UInt64 = 3) throws -> [JournalEntry] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map { index in
            index % 2 == 0
                ? .call(try .random(using: &generator)) : try .randomSettlement(using: &generator)
        }
    }

    @Test func everyFieldComesBack() throws {
        let entries = try entries(1_000)
        let (records, damage, _) = SegmentReader.readAll(segment(entries: entries))
        #expect(records.map(\.entry) == entries)
        #expect(damage.isEmpty)
    }

    @Test func layoutOfASettlementStaysAsItIs() throws {
        let settlement = try Settlement(
            user: UserID(bits: UUIDBits(high: 1, low: 2)), callID: CallID(bits: UUIDBits(high: 3, low: 4)),
            admittedAt: Timestamp(microseconds: 5), model: "m",
            usage: TokenUsage(input: 9, cached: 2, cacheWrite: 1, output: 8, reasoning: 3), basis: .drained,
            status: 200,
            duration: .microseconds(6))
        let entry = JournalEntry.settlement(settlement, settledAt: Timestamp(microseconds: 7))
        #expect(hex(entry.encoded.dropFirst(8)) == Self.settlement)
    }

    @Test func layoutOfAnOriginStaysAsItIs() throws {
        let origin = CallOrigin(
            key: KeyID(bits: UUIDBits(high: 5, low: 6)), logicalID: CallID(bits: UUIDBits(high: 7, low: 8)), attempt: 2,
            reservation: Reservation(inputTokens: 9, outputTokens: 10, cost: 11))
        let call = try Call(
            user: UserID(bits: UUIDBits(high: 1, low: 2)), id: CallID(bits: UUIDBits(high: 3, low: 4)), origin: origin)
        let record = CallRecord.encode(UncheckedCall(call, admittedAt: Timestamp(microseconds: 7), policyID: 8))
        #expect(hex(record.dropFirst(8)) == Self.origin)
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    private static let settlement =
        "02" + "0f" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"
        + "0700000000000000" + "03" + "0900000000000000" + "0200000000000000" + "0100000000000000" + "0800000000000000"
        + "0300000000000000" + "0500000000000000" + "c800" + "0600000000000000" + "0100" + "6d" + "5a"
    private static let origin =
        "01" + "10" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"
        + "0100000000000000" + "0700000000000000" + "08000000" + "0f" + "0200" + "0000000000000005" + "0000000000000006"
        + "0000000000000007" + "0000000000000008" + "0900000000000000" + "0a00000000000000" + "0b00000000000000" + "5a"

    @Test func noFlippedBitMakesAWrongRecord() throws {
        let entries = try entries(3)
        let sound = segment(entries: entries)
        let start = segment([]).count
        for bit in start * 8..<sound.count * 8 {
            var bytes = sound
            bytes[bit / 8] ^= 1 << (bit % 8)
            let (records, damage, _) = SegmentReader.readAll(bytes)
            try #require(records.map(\.entry).allSatisfy(entries.contains), "bit \(bit)")
            try #require(records.count == entries.count - 1, "bit \(bit)")
            try #require(!damage.isEmpty && damage.allSatisfy { $0.kind != .tornTail }, "bit \(bit)")
        }
    }

    @Test func everyCutYieldsExactlyTheCompleteRecords() throws {
        let entries = try entries(4)
        let whole = segment(entries: entries)
        let ends = entries.indices.map { segment(entries: Array(entries[...$0])).count }
        for length in segment([]).count...whole.count {
            let (records, _, sound) = SegmentReader.readAll(Array(whole[..<length]))
            try #require(records.map(\.entry) == Array(entries[..<ends.filter { $0 <= length }.count]))
            try #require(sound == ends.last { $0 <= length } ?? segment([]).count)
        }
    }

    /// The checksum holds, but what it covers is not a record of ours.
    @Test(arguments: [
        // flags that are not known; a basis that is not known; a token count out of range; more than its whole
        (offset: 1, value: 0x1F as UInt8), (offset: 42, value: 9), (offset: 50, value: 0x7F), (offset: 51, value: 0x7F),
    ])
    func valuesOutOfRangeAreNoSettlement(_ offset: Int, _ value: UInt8) throws {
        let call = try UncheckedCall.fresh()
        var record = try JournalEntry.settlement(of: call).encoded
        record[SegmentFormat.frameBytes + offset] = value
        Frame.seal(&record)
        let (records, damage, _) = SegmentReader.readAll(segment([]) + record + CallRecord.encode(call))
        #expect(records.compactMap(\.call) == [call])
        #expect(damage.map(\.kind) == [.badRecord])
    }
}
