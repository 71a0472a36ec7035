import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceJournal

@Suite struct FormatTests {
    private func calls(_ count: Int, seed: UInt64 = 1) throws -> [UncheckedCall] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map { _ in try .random(using: &generator) }
    }

    @Test func theChecksumIsCastagnolis() {
        func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32C.checksum($0) } }
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        // RFC 3720, B.4.
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(checksum([]) == 0)
    }

    @Test func theChecksumDoesNotDependOnHowItIsFed() {
        let bytes = Array<UInt8>(0..<100)
        for cut in 0...100 {
            var crc = CRC32C()
            bytes[..<cut].withUnsafeBytes { crc.update($0) }
            bytes[cut...].withUnsafeBytes { crc.update($0) }
            #expect(crc.value == bytes.withUnsafeBytes { CRC32C.checksum($0) })
        }
    }

    @Test func everyFieldComesBack() throws {
        let calls = try calls(500)
        let (records, damage, _) = SegmentReader.readAll(segment(calls))
        #expect(records.compactMap(\.call) == calls)
        #expect(damage.isEmpty)
    }

    @Test(arguments: [nil, "r", String(repeating: "é", count: 128)])
    func theHeaderComesBack(_ replica: String?) {
        let reader = SegmentReader(segment([], replica: replica))
        #expect(reader.header?.replica == replica)
        #expect(reader.header?.owner == UUIDBits(high: 1, low: 2))
        #expect(reader.header?.createdAt.microseconds == 3)
    }

    @Test func layoutOfVersion1StaysAsItIs() throws {
        let call = try Call(
            user: UserID(bits: UUIDBits(high: 0x0102, low: 3)), id: CallID(bits: UUIDBits(high: 4, low: 5)), weight: 6,
            route: "r")
        let bytes = segment([UncheckedCall(call, admittedAt: Timestamp(microseconds: 7), policyID: 8)], replica: "me")
        let hex = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        #expect(hex == Self.version1)
    }

    private static let version1 =
        "536c756963654a0a" + "0100" + "0200" + "0000000000000001" + "0000000000000002" + "0300000000000000" + "6d65"
        + "57989540"
        + "3a000000" + "b3e724cd" + "01" + "04" + "0000000000000102" + "0000000000000003" + "0000000000000004"
        + "0000000000000005" + "0600000000000000" + "0700000000000000" + "08000000" + "0100" + "72" + "5a"

    /// Any flipped bit loses at most one record, makes up none, and is not taken for a torn tail where a record is lost.
    @Test func noFlippedBitMakesAWrongRecord() throws {
        let calls = try calls(4)
        let sound = segment(calls)
        for bit in 0..<sound.count * 8 {
            var bytes = sound
            bytes[bit / 8] ^= 1 << (bit % 8)
            let (records, damage, _) = SegmentReader.readAll(bytes)
            let read = records.compactMap(\.call)
            try #require(read.allSatisfy(calls.contains), "bit \(bit)")
            try #require(!damage.isEmpty, "bit \(bit)")
            if case .otherVersion? = damage.first?.kind { continue }
            try #require(read == calls || read.count == calls.count - 1, "bit \(bit)")
            try #require(damage.allSatisfy { $0.kind != .tornTail }, "bit \(bit)")
        }
    }

    @Test func everyCutYieldsExactlyTheCompleteRecords() throws {
        let calls = try calls(4)
        let whole = segment(calls)
        let ends = calls.indices.map { segment(Array(calls[...$0])).count }
        for length in 0...whole.count {
            let (records, damage, sound) = SegmentReader.readAll(Array(whole[..<length]))
            let complete = ends.filter { $0 <= length }.count
            try #require(records.compactMap(\.call) == Array(calls[..<complete]))
            let isClean = ends.contains(length) || length == segment([]).count
            try #require(damage.map(\.kind) == (isClean ? [] : [.tornTail]))
            try #require(sound == (length < segment([]).count ? 0 : (ends.last { $0 <= length } ?? segment([]).count)))
        }
    }

    @Test func aTailOfZerosIsTorn() throws {
        let calls = try calls(3)
        let whole = segment(calls)
        let end = segment(Array(calls[..<2])).count
        for start in end..<whole.count {
            let bytes = whole[..<start] + [UInt8](repeating: 0, count: 4_096)
            let (records, damage, sound) = SegmentReader.readAll(Array(bytes))
            try #require(records.compactMap(\.call) == Array(calls[..<2]))
            try #require(damage == [SegmentDamage(offset: end, kind: .tornTail)])
            try #require(sound == end)
        }
    }

    @Test func soundRecordsAreFoundPastDamage() throws {
        let calls = try calls(5)
        var bytes = segment(calls)
        let second = segment(Array(calls[..<1])).count
        let fourth = segment(Array(calls[..<3])).count
        for offset in second..<fourth { bytes[offset] = 0x5A }
        let (records, damage, sound) = SegmentReader.readAll(bytes)
        #expect(records.compactMap(\.call) == [calls[0], calls[3], calls[4]])
        #expect(damage == [SegmentDamage(offset: second, kind: .badRecord)])
        #expect(sound == bytes.count)
    }

    @Test func aRecordOfAnUnknownTypeIsReportedAndPassed() throws {
        let calls = try calls(2)
        var unknown: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, SegmentFormat.endMark]
        Frame.seal(&unknown)
        let start = segment([calls[0]]).count
        let (records, damage, _) = SegmentReader.readAll(segment([calls[0]]) + unknown + CallRecord.encode(calls[1]))
        #expect(records.compactMap(\.call) == calls)
        #expect(damage == [SegmentDamage(offset: start, kind: .unknownRecord(9))])
    }

    @Test func anotherVersionIsNotRead() throws {
        var bytes = segment(try calls(2))
        bytes[8] = 2
        let (records, damage, sound) = SegmentReader.readAll(bytes)
        #expect(records.isEmpty)
        #expect(damage == [SegmentDamage(offset: 0, kind: .otherVersion(2))])
        #expect(sound == bytes.count)
    }

    @Test func noiseIsNeverARecord() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let bytes = (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(SegmentReader.readAll(segment([]) + bytes).records.isEmpty)
            #expect(SegmentReader.readAll(bytes).records.isEmpty)
        }
    }
}
