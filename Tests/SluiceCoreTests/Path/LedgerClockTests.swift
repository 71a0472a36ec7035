import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("LedgerClock")
struct LedgerClockTests {
    private let start = ContinuousClock.now
    private let elapsed = ManualDatabaseClock(seconds(0))
    private let clock: LedgerClock

    init() {
        clock = LedgerClock(
            wall: { seconds(-77) },
            monotonic: { [start, elapsed] in start + seconds(0).duration(to: elapsed.now) })
    }

    /// The database was asked at `asked` seconds, said `time`, and the answer was there after `duration`.
    private func note(_ time: Int64, asked: Int64, taking duration: Duration = .zero) {
        let askedAt = start + .seconds(asked)
        clock.note(seconds(time), askedAt: askedAt, answeredAt: askedAt + duration)
    }

    private func time(at second: Int64) -> Timestamp {
        elapsed.set(seconds(second))
        return clock.now().time
    }

    @Test("the wall clock until the database has spoken; from then on its time, by the monotonic clock")
    func synchronizes() {
        #expect(clock.now() == .init(time: seconds(-77), isSynchronized: false))
        note(1_000_000, asked: 5)
        #expect(clock.now().isSynchronized)
        #expect(time(at: 5) == seconds(1_000_000))
        #expect(time(at: 86_405) == seconds(1_086_400), "through an outage of a day")
    }

    @Test("a slow answer moves nothing")
    func outliers() {
        note(1_000_000, asked: 0)
        note(1_000_015, asked: 5, taking: .seconds(10))
        #expect(time(at: 20) == seconds(1_000_020))
        note(1_000_035, asked: 20, taking: .seconds(20))
        #expect(time(at: 40) == seconds(1_000_040))
    }

    @Test("a clock that is set back is followed at once, one that is set forward within a minute")
    func jumps() {
        note(1_000_000, asked: 0)
        note(999_000, asked: 10)
        #expect(time(at: 10) == seconds(999_000))
        for second in Int64(11)..<70 {
            note(1_000_000 + second, asked: second)
            if second < 30 { #expect(time(at: second) == seconds(998_990 + second)) }
        }
        #expect(time(at: 70) == seconds(1_000_070))
    }

    @Test("after a long silence the first word counts alone")
    func silence() {
        note(1_000_000, asked: 0)
        note(1_000_500, asked: 100)
        #expect(time(at: 100) == seconds(1_000_500))
    }
}
