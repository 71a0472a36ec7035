import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceJournal

@Suite(.timeLimit(.minutes(10))) struct SettlementReplayTests {
    private func split(_ entry: JournalEntry) throws -> (Settlement, Timestamp) {
        guard case .settlement(let settlement, let at) = entry else { throw StoreError(.rejected, "not a settlement") }
        return (settlement, at)
    }

    @Test func callsAndSettlementsGetToTheLedgerOnce() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(120)
        let journal = try fixture.open()
        for call in calls {
            #expect(await journal.record(call, cause: outage) == .recorded)
            let (settlement, at) = try split(.settlement(of: call))
            #expect(await journal.record(settlement, at: at) == .recorded)
        }
        #expect(journal.status.records == 240 && journal.status.oldest == calls[0].admittedAt)
        let counts = await fixture.drain(journal)
        #expect(counts.recorded == 240 && counts.settlements == 120 && counts.known == 0)
        journal.close()
        #expect(fixture.ledgerHolds(calls))
        let settled = fixture.ledger.state.withLock { $0.settlements }
        for call in calls { #expect(try settled[call.call.id] == split(.settlement(of: call)).0) }
        #expect(fixture.folder.names.isEmpty)
    }

    @Test func aReplayThatIsRepeatedAddsNothing() async throws {
        let fixture = try JournalFixture()
        let entries = try UncheckedCall.fresh(30).flatMap { [JournalEntry.call($0), try .settlement(of: $0)] }
        for name in ["0a.sluice-journal", "0b.sluice-journal"] {
            try fixture.folder.write(segment(entries: entries), to: name)
        }
        let journal = try fixture.open()
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.recorded == 60 && counts.settlements == 30 && counts.known == 60)
    }

    @Test func aSettlementThatTheLedgerNeverTakesIsSetAsideAlone() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(20)
        let poison = calls[7].call.id
        fixture.ledger.state.withLock { $0.poison = [poison] }
        let entries = try calls.map { try JournalEntry.settlement(of: $0) }
        try fixture.folder.write(segment(entries: entries), to: "0a.sluice-journal")
        let journal = try fixture.open()
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.settlements == 19 && counts.rejected == 1)
        let directory = try JournalDirectory(fixture.folder.path)
        let aside = try #require(try directory.segments().first)
        #expect(aside.state == .rejected && aside.records == 1 && aside.settlements == 1)
        var kept: [JournalEntry] = []
        try directory.forEachEntry(of: aside.name) { kept.append($0) }
        #expect(kept == [entries[7]])
    }

    @Test func aSettlementWithoutACallIsKeptForAPerson() async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(120)
        // Of the first half the ledger knows the calls; more of the others than fit into a batch.
        let entries =
            calls[..<20].map(JournalEntry.call)
            + (try calls.map { try JournalEntry.settlement(of: $0, isAdmissionKnown: false) })
        try fixture.folder.write(segment(entries: entries), to: "0a.sluice-journal")
        fixture.ledger.state.withLock { $0.busy[calls[3].call.id] = 1 }
        let journal = try fixture.open()
        let counts = await fixture.drain(journal)
        journal.close()
        #expect(counts.settlements == 20 && counts.rejected == 100)
        let reports = try JournalDirectory(fixture.folder.path).segments()
        #expect(reports.map(\.state) == [.rejected] && reports.map(\.settlements) == [100])
    }

    @Test func aTornSettlementIsCut() async throws {
        let fixture = try JournalFixture()
        let call = try UncheckedCall.fresh()
        let whole = segment(entries: [.call(call), try .settlement(of: call)])
        try fixture.folder.write(Array(whole.dropLast(3)), to: "0a.sluice-journal")
        let journal = try fixture.open()
        #expect(journal.status.records == 1)
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds([call]))
        #expect(fixture.ledger.state.withLock { $0.settlements.isEmpty })
        #expect(fixture.log.state.withLock { $0.setAside } == [])
    }

    @Test func aLedgerThatFailsInBetweenIsAskedForBothAgain() async throws {
        let fixture = try JournalFixture()
        let call = try UncheckedCall.fresh()
        try fixture.folder.write(segment(entries: [.call(call), try .settlement(of: call)]), to: "0a.sluice-journal")
        let ledger = HalfLedger(ledger: fixture.ledger)
        let journal = try fixture.open()
        let counts = await journal.drain(into: ledger, deadline: .now + .seconds(300))
        journal.close()
        #expect(counts.known == 1 && counts.settlements == 1)
        #expect(fixture.ledgerHolds([call]))
    }
}

/// Takes calls, and fails once where it is to settle.
private final class HalfLedger: UncheckedLedger, SettlementLedger {
    private let ledger: FakeLedger
    private let hasFailed = Atomic(false)

    init(ledger: FakeLedger) {
        self.ledger = ledger
    }

    func record(
        _ calls: [UncheckedCall], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [UncheckedOutcome] {
        try await ledger.record(calls, replica: replica, deadline: deadline)
    }

    func settle(
        _ settlements: [Settlement], replica: String?, deadline: ContinuousClock.Instant
    ) async throws(StoreError) -> [SettlementOutcome] {
        guard hasFailed.exchange(true, ordering: .relaxed) else { throw outage }
        return try await ledger.settle(settlements, replica: replica, deadline: deadline)
    }
}
