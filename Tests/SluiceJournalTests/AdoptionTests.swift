import Glibc
import SluiceCore
import Synchronization
import Testing

@testable import SluiceJournal

/// A journal takes over no more than it can hold, and yet all of it in the end.
@Suite(.timeLimit(.minutes(10))) struct AdoptionTests {
    private static let most = SegmentAdopter.Room.maximumSegments

    private func write(_ count: Int, to fixture: JournalFixture) throws -> [UncheckedCall] {
        let calls = try UncheckedCall.fresh(count)
        for (index, call) in calls.enumerated() {
            try fixture.folder.write(segment([call]), to: "\(10_000 + index).sluice-journal")
        }
        return calls
    }

    @Test func aDrainGoesThroughMoreSegmentsThanAJournalHolds() async throws {
        let fixture = try JournalFixture()
        let calls = try write(3 * Self.most + 5, to: fixture)
        let journal = try fixture.open()
        #expect(journal.status.records == Self.most)
        #expect(journal.status.left == 2 * Self.most + 5)
        await fixture.drain(journal)
        #expect(journal.status.records == 0 && journal.status.left == 0)
        journal.close()
        #expect(fixture.ledger.state.withLock { $0.order } == calls)
        #expect(fixture.folder.names.isEmpty)
    }

    @Test func aReplayGoesOnAtOnceWithWhatWasLeft() async throws {
        let fixture = try JournalFixture()
        let calls = try write(2 * Self.most + 1, to: fixture)
        let journal = try fixture.open { $0.rescanInterval = .seconds(3_600) }
        let replay = Task { await journal.replay(into: fixture.ledger) { true } }
        await fixture.ledger.wait { $0.rows.count == calls.count }
        replay.cancel()
        await replay.value
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func halfOfTheBytesStayFreeForOwnCalls() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(1_000)
        for start in stride(from: 0, to: 1_000, by: 100) {
            try fixture.folder.write(segment(Array(calls[start..<start + 100])), to: "\(start + 1_000).sluice-journal")
        }
        let journal = try fixture.open { $0.maximumBytes = 65_536 }
        #expect(journal.status.bytes > 16_384 && journal.status.bytes <= 32_768)
        let own = try UncheckedCall.fresh(100)
        #expect(await journal.recordAll(own).allSatisfy { $0 == .recorded })
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(calls + own))
    }

    @Test func aSegmentLargerThanTheRoomIsAdoptedAlone() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(2_000)
        try fixture.folder.write(segment(Array(calls[..<1_000])), to: "0a.sluice-journal")
        try fixture.folder.write(segment(Array(calls[1_000...])), to: "0b.sluice-journal")
        let journal = try fixture.open { $0.maximumBytes = 65_536 }
        #expect(journal.status.records == 1_000 && journal.status.left == 1)
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test(arguments: [EMFILE, ENFILE, EIO]) func troubleThatIsNotTheSegmentsOwnSetsNothingAside(_ code: Int32)
        async throws
    {
        let fixture = try JournalFixture()
        let calls = try write(3, to: fixture)
        fixture.disk.set { $0.open = code }
        let journal = try fixture.open()
        #expect(journal.status.setAside == 0 && journal.status.left == 3 && journal.status.records == 0)
        fixture.log.state.withLock { state in
            #expect(state.setAside == [])
            // Where no file can be opened, the others are not tried.
            #expect(state.segmentFailures.count == (code == EIO ? 3 : 1))
        }
        await fixture.drain(journal)
        fixture.disk.set { $0.open = nil }
        await fixture.drain(journal)
        #expect(journal.status.left == 0)
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func aFileThatMayNotBeOpenedIsSetAsideOnce() async throws {
        let fixture = try JournalFixture()
        _ = try write(1, to: fixture)
        fixture.disk.set { $0.open = EACCES }
        let journal = try fixture.open()
        await fixture.drain(journal)
        #expect(journal.status.setAside == 1 && journal.status.left == 0)
        #expect(fixture.log.state.withLock { $0.setAside.count } == 1)
        journal.close()
    }

    /// With the breaker forced closed a replay goes on asking a ledger that is away.
    @Test func aLedgerThatFailsCostsNoSegmentForEachAttempt() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let away = 4
        fixture.ledger.state.withLock { $0.failures = .init(repeating: outage, count: away) }
        let before = fixture.disk.creations.load(ordering: .relaxed)
        var calls = try UncheckedCall.fresh(1)
        _ = await journal.record(calls[0], cause: outage)
        let replay = Task { await journal.replay(into: fixture.ledger) { true } }
        for attempt in 1...away {
            await fixture.ledger.wait { $0.batches.count >= attempt }
            if attempt == away { break }
            let call = try UncheckedCall.fresh()
            calls.append(call)
            #expect(await journal.record(call, cause: outage) == .recorded)
            journal.wake()
        }
        #expect(fixture.disk.creations.load(ordering: .relaxed) - before <= 2)
        await fixture.ledger.wait { $0.rows.count == calls.count }
        replay.cancel()
        await replay.value
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }
}
