import SluiceCore
import SluiceLedger
import Testing

@Suite struct LedgerDayTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-11-28", 20_785),
        ("9999-12-31", 2_932_896),
    ])
    func countsDays(text: String, number: Int) {
        #expect(LedgerDay(iso: text)?.number == number)
        #expect("\(LedgerDay(number: number))" == text)
    }

    @Test func everyDayOfFourCenturiesIsReadAsItIsWritten() {
        for number in 0..<146_097 { #expect(LedgerDay(iso: "\(LedgerDay(number: number))")?.number == number) }
    }

    @Test(arguments: [
        "", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "2026-01-01T00:00:00Z", "2026-01-+1",
    ])
    func refuses(text: String) {
        #expect(LedgerDay(iso: text) == nil)
    }

    @Test func aMomentBelongsToTheDayThatHasBegun() {
        let day = LedgerDay(number: 20_785)
        #expect(LedgerDay(of: day.start) == day)
        #expect(LedgerDay(of: Timestamp(microseconds: day.end.microseconds - 1)) == day)
        #expect(LedgerDay(of: day.end) == day.next)
        #expect(LedgerDay(of: Timestamp(microseconds: -1)).number == -1)
    }
}
