import Sluice
import SluiceCore
import SluiceJournal
import Testing

@testable import SluiceCLI

@Suite("What is logged of an outage")
struct OutageEventsTests {
    private let start = ContinuousClock.now

    @Test("Losses at once and all of them, in one line whenever somebody asks")
    func losses() {
        var events = OutageEvents()
        for _ in 0..<1_000 { events.lost[.full, default: 0] += 1 }
        #expect(events.lines(at: start, waiting: 5) == [.lost(.full, calls: 1_000)])
        #expect(events.lines(at: start, waiting: 5).isEmpty)
        events.lost[.failing, default: 0] += 1
        #expect(events.lines(at: start + .seconds(1), waiting: 5) == [.lost(.failing, calls: 1)])
    }

    @Test("A replay when it is over, with everything that it brought")
    func replay() {
        var events = OutageEvents()
        for _ in 0..<3 { events.replayed(counts(recorded: 500, known: 1)) }
        #expect(events.lines(at: start, waiting: 17).isEmpty)
        events.replayed(counts(recorded: 17))
        #expect(events.lines(at: start + .seconds(1), waiting: 0) == [.replayed(recorded: 1_517, known: 3)])
        // Single calls that miss the deadline are brought in all the time.
        events.replayed(counts(recorded: 1))
        #expect(events.lines(at: start + .seconds(2), waiting: 0).isEmpty)
        events.replayed(counts(recorded: 1))
        #expect(events.lines(at: start + .seconds(11), waiting: 0) == [.replayed(recorded: 2, known: 0)])
    }

    @Test("Failures of single calls at most every ten seconds a kind, with the count since")
    func failures() {
        var events = OutageEvents()
        let (busy, gap) = (StoreError(.contended, "busy"), StoreError(.missingPartition, "gap"))
        events.storeFailed(busy, calls: 2)
        #expect(events.lines(at: start, waiting: 0) == [.storeFailed(busy, calls: 2)])
        events.storeFailed(busy, calls: 3)
        events.storeFailed(gap, calls: 1)
        events.storeFailed(busy, calls: 4)
        #expect(events.lines(at: start + .seconds(9), waiting: 0) == [.storeFailed(gap, calls: 1)])
        #expect(events.lines(at: start + .seconds(10), waiting: 0) == [.storeFailed(busy, calls: 7)])
        // Told by the breaker.
        events.storeFailed(StoreError(.unavailable, ""), calls: 1)
        #expect(events.lines(at: start + .seconds(60), waiting: 0).isEmpty)
    }

    @Test("A replay that fails is told until it goes on")
    func failingReplay() {
        var events = OutageEvents()
        let error = StoreError(.schema, "dropped")
        events.replayFailure = error
        #expect(events.lines(at: start, waiting: 9) == [.replayFails(error)])
        events.replayFailure = error
        events.replayed(counts(recorded: 9))
        #expect(events.lines(at: start + .seconds(20), waiting: 9).isEmpty)
    }

    @Test("The last time nothing is kept back")
    func last() {
        var events = OutageEvents()
        events.storeFailed(StoreError(.contended, ""), calls: 1)
        _ = events.lines(at: start, waiting: 0)
        events.storeFailed(StoreError(.contended, ""), calls: 1)
        events.turnedAway[.full] = 2
        events.replayed(counts(recorded: 1, rejected: 1))
        let lines = events.lines(at: start, waiting: 3, isLast: true)
        #expect(
            Set(lines) == [
                .rejected(calls: 1), .turnedAway(.full, calls: 2), .replayed(recorded: 1, known: 0),
                .storeFailed(StoreError(.contended, ""), calls: 1),
            ])
    }

    private func counts(recorded: Int, known: Int = 0, rejected: Int = 0) -> ReplayCounts {
        var counts = ReplayCounts()
        (counts.recorded, counts.known, counts.rejected) = (recorded, known, rejected)
        return counts
    }
}
