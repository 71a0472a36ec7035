import Glibc
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceJournal

/// Every call whose caller was told `recorded` is in the ledger, whatever the disk does.
@Suite(.timeLimit(.minutes(10))) struct DiskFaultTests {
    @Test func shortWritesAreCompleted() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        fixture.disk.set { $0.shortWrite = 7 }
        let calls = try UncheckedCall.fresh(50)
        #expect(await journal.recordAll(calls).allSatisfy { $0 == .recorded })
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test(arguments: [ENOSPC, EROFS, EIO], [true, false])
    func aFailingDiskIsReportedAndComesBack(_ code: Int32, _ failsAtSync: Bool) async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let before = try UncheckedCall.fresh(3)
        _ = await journal.recordAll(before)
        fixture.disk.set { if failsAtSync { $0.sync = code } else { $0.write = code } }
        for _ in 0..<3 { #expect(try await journal.record(.fresh(), cause: outage) == .lost) }
        #expect(journal.status.trouble == .failing)
        #expect(journal.status.failure?.contains(failsAtSync ? "fdatasync" : "write") == true)
        #expect(fixture.log.state.withLock { $0.writeFailures.count } == 1)
        fixture.disk.set { $0 = FaultyDisk.Faults() }
        let after = try UncheckedCall.fresh(3)
        #expect(await journal.recordAll(after).allSatisfy { $0 == .recorded })
        #expect(journal.status.trouble == nil)
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(before + after))
        #expect(fixture.folder.names.isEmpty)
    }

    /// After a failed sync the kernel may have dropped the data: the same file is never asked again.
    @Test func afterAFailedSyncAFreshSegmentIsTried() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let before = try UncheckedCall.fresh()
        _ = await journal.record(before, cause: outage)
        fixture.disk.set { $0.failsSyncOnce = EIO }
        let call = try UncheckedCall.fresh()
        #expect(await journal.record(call, cause: outage) == .recorded)
        let reports = try JournalDirectory(fixture.folder.path).segments()
        #expect(reports.map(\.records) == [1, 1])
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds([before, call]))
    }

    @Test func nobodyWaitsForADiskThatHangs() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open { $0.maximumWait = .milliseconds(1) }
        fixture.disk.set { $0.syncHangs = true }
        let call = try UncheckedCall.fresh()
        #expect(await journal.record(call, cause: outage) == .lost)
        #expect(journal.status.trouble == .stuck)
        #expect(try await journal.record(.fresh(), cause: outage) == .lost)
        #expect(fixture.log.state.withLock { $0.lost } == [.stuck: 2])
        fixture.disk.release()
        // The record that hung got its place after all.
        await fixture.drain(journal)
        await fixture.ledger.wait { $0.rows.count == 1 }
        #expect(fixture.ledgerHolds([call]))
        journal.close()
    }

    @Test func closingDoesNotWaitForeverForADiskThatHangs() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open { $0.maximumWait = .milliseconds(1) }
        fixture.disk.set { $0.syncHangs = true }
        #expect(try await journal.record(.fresh(), cause: outage) == .lost)
        await fixture.disk.waitForHang()
        fixture.disk.release()
        journal.close()
    }

    @Test func aDiskThatFillsUpKeepsWhatItAcknowledged() async throws {
        for room in stride(from: 0, to: 4_000, by: 97) {
            let fixture = try JournalFixture()
            let journal = try fixture.open()
            fixture.disk.set { $0.room = room }
            let calls = try UncheckedCall.fresh(40)
            var recorded: [UncheckedCall] = []
            for call in calls where await journal.record(call, cause: outage) == .recorded { recorded.append(call) }
            fixture.disk.set { $0 = FaultyDisk.Faults() }
            await fixture.drain(journal)
            journal.close()
            #expect(fixture.ledgerHolds(recorded), "room for \(room) bytes")
        }
    }

    /// Random faults, random crashes, several lives in one directory: all that was acknowledged is in the ledger once.
    @Test(arguments: 1...12) func nothingAcknowledgedIsLost(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try JournalFixture()
        var mayBe: Set<CallID> = []
        var must: [CallID: UncheckedCall] = [:]
        for _ in 0..<8 {
            fixture.disk.set { $0 = FaultyDisk.Faults() }
            let journal = try fixture.open {
                $0.segmentBytes = .random(in: 4_096...8_192, using: &generator)
                $0.replayBatch = .random(in: 1...40, using: &generator)
            }
            for _ in 0..<5 {
                fixture.disk.set { $0 = FaultyDisk.Faults() }
                switch Int.random(in: 0..<6, using: &generator) {
                case 0:
                    let room = Int.random(in: 0..<3_000, using: &generator)
                    fixture.disk.set { $0.room = room }
                case 1: fixture.disk.set { $0.sync = EIO }
                case 2: fixture.disk.set { ($0.write, $0.truncate) = (EIO, EIO) }
                case 3: fixture.disk.set { $0.shortWrite = 13 }
                default: break
                }
                let calls = try (0..<30).map { _ in try UncheckedCall.random(using: &generator) }
                for (call, outcome) in zip(calls, await journal.recordAll(calls)) {
                    mayBe.insert(call.call.id)
                    if outcome == .recorded { must[call.call.id] = call }
                }
                if Bool.random(using: &generator) {
                    fixture.ledger.state.withLock { $0.failures = [StoreError(.deadlineExceeded, "late")] }
                    fixture.disk.set { $0 = FaultyDisk.Faults() }
                    let stop = ContinuousClock.now.advanced(by: .milliseconds(.random(in: 0...3, using: &generator)))
                    await journal.drain(into: fixture.ledger, deadline: stop)
                }
            }
            // A crash leaves half a record behind; whoever comes next finds the files without locks.
            journal.close()
            if Bool.random(using: &generator), let name = fixture.folder.names.randomElement(using: &generator),
                name.hasSuffix(SegmentName.suffix)
            {
                let record = CallRecord.encode(try .random(using: &generator))
                let torn = record.prefix(.random(in: 1..<record.count, using: &generator))
                try fixture.folder.write(fixture.folder.read(name) + torn, to: name)
            }
        }
        fixture.disk.set { $0 = FaultyDisk.Faults() }
        let last = try fixture.open()
        await fixture.drain(last)
        last.close()
        fixture.ledger.state.withLock { state in
            #expect(must.allSatisfy { state.rows[$0.key] == $0.value })
            #expect(state.rows.keys.allSatisfy(mayBe.contains))
            #expect(state.additions.values.allSatisfy { $0 == 1 })
        }
        #expect(fixture.log.state.withLock { $0.setAside } == [])
        #expect(fixture.folder.names.isEmpty)
    }
}
