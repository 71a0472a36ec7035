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
}
