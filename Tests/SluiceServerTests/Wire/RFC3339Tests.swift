import Foundation
import HummingbirdSluice
import SluiceCore
import Testing

@Suite struct RFC3339Tests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (-2_203_891_200_000_000, "1900-03-01T00:00:00.000000Z"),
        (1_795_437_296_123_456, "2026-11-23T12:34:56.123456Z"),
        (.max, "9999-12-31T23:59:59.999999Z"),
        (.min, "0001-01-01T00:00:00.000000Z"),
    ])
    func formats(microseconds: Int64, expected: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == expected)
    }

    @Test func agreesWithFoundation() {
        // From 1600 on: before that Foundation follows the Julian calendar for a while.
        for _ in 0..<2_000 {
            let second = Int64.random(in: -11_676_096_000...253_402_300_799)
            let expected = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
            let own = Timestamp(microseconds: second * 1_000_000).rfc3339
            #expect(own == expected.dropLast() + ".000000Z")
        }
    }

    @Test func whatIsWrittenIsReadBack() {
        var microseconds: Int64 = -62_135_596_800_000_000
        while microseconds < 253_402_300_799_999_999 {
            let time = Timestamp(microseconds: microseconds)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
            microseconds += 86_399_999_999 * 997 + 1
        }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("1970-01-01T00:00:00.5Z", 500_000), ("1970-01-01t01:00:00+01:00", 0),
        ("1969-12-31T23:30:00-00:30", 0), ("1970-01-01T00:00:00.1234567Z", 123_456),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
    ])
    func readsOtherSpellings(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "1970-01-01", "1970-01-01T00:00:00", "1970-1-01T00:00:00Z", "1970-13-01T00:00:00Z", "1900-02-29T00:00:00Z",
        "1970-04-31T00:00:00Z", "1970-01-00T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx", "1970-01-01 00:00:00Z",
        "1970-01-01T00:00:00+1:00", "+970-01-01T00:00:00Z", "1970-01-01T00:00:00+24:00",
    ])
    func whatIsNoTime(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }
}
