import Glibc
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceJournal

@Suite(.timeLimit(.minutes(10))) struct ReplayTests {
    @Test func newRecordsAreReplayedWhileTheLedgerWorks() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let replay = Task { await journal.replay(into: fixture.ledger) { true } }
        let calls = try UncheckedCall.fresh(3)
        for (index, call) in calls.enumerated() {
            #expect(await journal.record(call, cause: outage) == .recorded)
            await fixture.ledger.wait { $0.rows.count == index + 1 }
        }
        replay.cancel()
        await replay.value
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func nothingIsBroughtUnlessWanted() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let asked = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let wanted = Wanted()
        let replay = Task {
            await journal.replay(into: fixture.ledger) {
                asked.continuation.yield()
                return wanted.value
            }
        }
        let calls = try UncheckedCall.fresh(100)
        _ = await journal.recordAll(calls)
        var questions = asked.stream.makeAsyncIterator()
        for _ in 0..<3 { await questions.next() }
        #expect(fixture.ledger.state.withLock { $0.batches.isEmpty })
        wanted.value = true
        journal.wake()
        await fixture.ledger.wait { $0.rows.count == 100 }
        replay.cancel()
        await replay.value
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func batchesAreBoundedAndInOrder() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(1_050)
        try fixture.folder.write(segment(Array(calls[..<700])), to: "0a.sluice-journal")
        try fixture.folder.write(segment(Array(calls[700...])), to: "0b.sluice-journal")
        let journal = try fixture.open { $0.replayBatch = 200 }
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.recorded == 1_050 && counts.known == 0)
        // How large they become is a matter of how fast the ledger is.
        let batches = fixture.ledger.state.withLock { $0.batches }
        #expect(batches.first == ReplayPace.smallestBatch && batches.allSatisfy { $0 <= 200 })
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func aReplayThatIsRepeatedAddsNothing() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(100)
        for name in ["0a.sluice-journal", "0b.sluice-journal"] { try fixture.folder.write(segment(calls), to: name) }
        let journal = try fixture.open()
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.recorded == 100 && counts.known == 100)
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func aSegmentStaysUntilTheLedgerHoldsAllOfIt() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(10)
        let journal = try fixture.open { $0.replayBatch = 4 }
        _ = await journal.recordAll(calls)
        fixture.ledger.state.withLock { $0.busy[calls[5].call.id] = .max }
        let drain = Task { await fixture.drain(journal) }
        await fixture.ledger.wait { $0.rows.count == 9 }
        drain.cancel()
        _ = await drain.value
        #expect(journal.status.records == 1)
        journal.close()
        #expect(fixture.folder.names.count == 1)
        // The next life brings all ten again.
        fixture.ledger.state.withLock { $0.busy = [:] }
        let next = try fixture.open()
        #expect(next.status.records == 10)
        await fixture.drain(next)
        next.close()
        #expect(fixture.ledgerHolds(calls))
        #expect(fixture.folder.names.isEmpty)
    }

    @Test func busyUsersAreBroughtAgainAndHoldUpNobody() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(50)
        try fixture.folder.write(segment(Array(calls[..<25])), to: "0a.sluice-journal")
        try fixture.folder.write(segment(Array(calls[25...])), to: "0b.sluice-journal")
        fixture.ledger.state.withLock { state in
            for call in calls[3..<9] { state.busy[call.call.id] = 2 }
        }
        let journal = try fixture.open { $0.replayBatch = 5 }
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.recorded == 50 && counts.busy == 12)
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func aLedgerThatFailsIsAskedAgainWithLess() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(100)
        try fixture.folder.write(segment(calls), to: "0a.sluice-journal")
        let late = StoreError(.deadlineExceeded, "late")
        fixture.ledger.state.withLock { $0.failures = [late, late] }
        let journal = try fixture.open { $0.replayBatch = 80 }
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.failure == late)
        let batches = fixture.ledger.state.withLock { $0.batches }
        #expect(batches.prefix(3) == [50, 25, 12] && batches.allSatisfy { $0 <= 80 })
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func aDayWithoutPartitionHoldsUpNoOtherSegment() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(20)
        try fixture.folder.write(segment(Array(calls[..<10])), to: "0a.sluice-journal")
        try fixture.folder.write(segment(Array(calls[10...])), to: "0b.sluice-journal")
        fixture.ledger.state.withLock { $0.failures = [StoreError(.missingPartition, "no partition")] }
        let journal = try fixture.open()
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledger.state.withLock { $0.order } == Array(calls[10...] + calls[..<10]))
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func callsThatTheLedgerNeverTakesAreSetAsideAlone() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(100)
        let poison = [calls[7], calls[8], calls[99]]
        fixture.ledger.state.withLock { $0.poison = Set(poison.map(\.call.id)) }
        let journal = try fixture.open()
        for call in calls { _ = await journal.record(call, cause: outage) }
        let counts = await fixture.drain(journal)
        #expect(counts.rejected == 3)
        #expect(journal.status.setAside == 1)
        #expect(journal.status.records == 0)
        journal.close()
        let good = calls.filter { !poison.contains($0) }
        #expect(fixture.ledgerHolds(good))
        let directory = try JournalDirectory(fixture.folder.path)
        let aside = try #require(try directory.segments().first)
        #expect(aside.state == .rejected && aside.records == 3 && aside.replica == "replica-1")
        #expect(fixture.log.state.withLock { $0.setAside.count } == 1)
        // Once the ledger takes them, the file is renamed by hand and replayed.
        let path = fixture.folder.path + "/" + aside.name
        #expect(rename(path, String(path.dropLast(".rejected".count))) == 0)
        fixture.ledger.state.withLock { $0.poison = [] }
        let next = try fixture.open()
        await fixture.drain(next)
        next.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func aTornTailIsCut() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(5)
        let whole = segment(calls)
        try fixture.folder.write(Array(whole.dropLast(10)), to: "0a.sluice-journal")
        let journal = try fixture.open()
        #expect(journal.status.records == 4)
        #expect(fixture.log.state.withLock { $0.cutBytes } == CallRecord.encode(calls[4]).count - 10)
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(Array(calls[..<4])))
        #expect(fixture.log.state.withLock { $0.setAside } == [])
        #expect(fixture.folder.names.isEmpty)
    }

    @Test func aCorruptSegmentIsReplayedAsFarAsItCanBeAndKept() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(5)
        var bytes = segment(calls)
        let second = segment([calls[0]]).count
        bytes[second + 20] ^= 1
        try fixture.folder.write(bytes, to: "0a.sluice-journal")
        let journal = try fixture.open()
        await fixture.drain(journal)
        #expect(journal.status.setAside == 1)
        journal.close()
        #expect(fixture.ledgerHolds([calls[0]] + calls[2...]))
        #expect(fixture.folder.names == ["0a.sluice-journal.corrupt"])
        #expect(try fixture.folder.read("0a.sluice-journal.corrupt") == bytes)
        #expect(fixture.log.state.withLock { $0.setAside } == ["wrong record at offset \(second)"])
        let next = try fixture.open()
        #expect(next.status.setAside == 1 && next.status.records == 0)
        next.close()
    }

    @Test func aSegmentOfAnotherVersionIsLeftWhereItIs() async throws {
        let fixture = try JournalFixture()
        var bytes = segment(try UncheckedCall.fresh(2))
        bytes[8] = 9
        try fixture.folder.write(bytes, to: "0a.sluice-journal")
        let journal = try fixture.open()
        await fixture.drain(journal)
        #expect(journal.status.setAside == 1)
        journal.close()
        #expect(fixture.folder.names == ["0a.sluice-journal"])
        #expect(fixture.log.state.withLock { $0.setAside } == ["format version 9"])
    }

    @Test func whatDiedUnfinishedIsRemovedAndStrangersAreLeftAlone() async throws {
        let fixture = try JournalFixture()
        try fixture.folder.write(Array(segment([]).dropLast()), to: "0a.sluice-journal.new")
        try fixture.folder.write([], to: "0b.sluice-journal")
        try fixture.folder.write([1], to: "notes.txt")
        try fixture.open().close()
        #expect(fixture.folder.names == ["notes.txt"])
    }

    @Test func aSegmentThatCannotBeDeletedIsReplayedAgain() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let calls = try UncheckedCall.fresh(5)
        _ = await journal.recordAll(calls)
        fixture.disk.set { $0.remove = EIO }
        let drain = Task { await fixture.drain(journal) }
        await fixture.ledger.wait { $0.rows.count == 5 }
        drain.cancel()
        _ = await drain.value
        journal.close()
        #expect(fixture.folder.names.count == 1)
        fixture.disk.set { $0.remove = nil }
        let next = try fixture.open()
        #expect(await fixture.drain(next).known == 5)
        next.close()
        #expect(fixture.ledgerHolds(calls))
        #expect(fixture.folder.names.isEmpty)
    }

    @Test func theDirectoryTellsWhatEachSegmentHolds() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(4)
        var broken = segment(calls)
        broken[broken.count - 20] ^= 1
        try fixture.folder.write(segment(calls), to: "0a.sluice-journal")
        try fixture.folder.write(broken, to: "0b.sluice-journal.corrupt")
        let directory = try JournalDirectory(fixture.folder.path)
        let reports = try directory.segments()
        #expect(reports.map(\.state) == [.waiting, .corrupt])
        #expect(reports.map(\.records) == [4, 3])
        #expect(reports[0].first == calls[0].admittedAt && reports[0].last == calls[3].admittedAt)
        #expect(reports[0].version == 1 && reports[0].replica == "replica-1" && reports[0].damage.isEmpty)
        #expect(reports[1].damage.map(\.kind) == [.badRecord])
        var read: [UncheckedCall] = []
        try directory.forEachEntry(of: "0a.sluice-journal") { if case .call(let call) = $0 { read.append(call) } }
        #expect(read == calls)
        #expect(throws: JournalError.self) { try directory.report(of: "../0a.sluice-journal") }
        #expect(throws: JournalError.self) { try directory.report(of: "0c.sluice-journal") }
        let journal = try fixture.open()
        #expect(try directory.report(of: "0a.sluice-journal").state == .held)
        journal.close()
        #expect(try directory.report(of: "0a.sluice-journal").state == .waiting)
    }

    @Test func replayLeavesTheDatabaseItsShare() {
        var pace = ReplayPace(share: 0.2, batch: 100)
        var generator = SeededGenerator(seed: 1)
        #expect(pace.batch == 50)
        #expect(pace.succeeded(after: .milliseconds(10)) == .milliseconds(40))
        #expect(pace.batch == 100)
        // A batch holds its users' locks.
        _ = pace.succeeded(after: .milliseconds(31))
        #expect(pace.batch == 75)
        for _ in 0..<9 { _ = pace.succeeded(after: .milliseconds(31)) }
        #expect(pace.batch == 50)
        _ = pace.succeeded(after: .milliseconds(20))
        #expect(pace.batch == 50)
        _ = pace.succeeded(after: .milliseconds(10))
        var longest: [Duration] = []
        for _ in 0..<8 { longest.append(pace.failed(.unavailable, using: &generator)) }
        #expect(longest[0] <= .milliseconds(250) && longest[0] >= .milliseconds(125))
        #expect(longest.allSatisfy { $0 <= .seconds(5) } && longest[7] >= .milliseconds(2_500))
        #expect(pace.batch == 100)
        for _ in 0..<9 { _ = pace.failed(.deadlineExceeded, using: &generator) }
        #expect(pace.batch == 1)
    }
}

private final class Wanted: Sendable {
    private let state = Mutex(false)

    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
