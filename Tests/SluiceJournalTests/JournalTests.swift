import Glibc
import SluiceCore
import Synchronization
import Testing

@testable import SluiceJournal

/// A journal on a real disk, in a directory of its own.
struct JournalFixture {
    let folder: TemporaryFolder
    let disk = FaultyDisk()
    let log = MetricsLog()
    let ledger = FakeLedger()

    init() throws {
        folder = try TemporaryFolder()
    }

    func open(_ change: (inout JournalSettings) -> Void = { _ in }) throws -> Journal {
        var settings = JournalSettings(directory: folder.path)
        settings.replica = "replica-1"
        settings.replayShare = 1
        change(&settings)
        let timing = Journal.Timing(
            gather: .milliseconds(1), look: .milliseconds(1), diskRetry: .zero, presence: .milliseconds(1))
        return try Journal(settings, metrics: log, disk: disk, timing: timing)
    }

    @discardableResult
    func drain(_ journal: Journal) async -> ReplayCounts {
        await journal.drain(into: ledger, deadline: .now.advanced(by: .seconds(60)))
    }

    /// Whether the ledger holds exactly these calls, each added once.
    func ledgerHolds(_ calls: [UncheckedCall]) -> Bool {
        ledger.state.withLock { state in
            state.rows == Dictionary(uniqueKeysWithValues: calls.map { ($0.call.id, $0) })
                && state.additions.values.allSatisfy { $0 == 1 }
        }
    }
}

extension Journal {
    /// Records all, many at a time.
    func recordAll(_ calls: [UncheckedCall]) async -> [RecordOutcome] {
        await withTaskGroup(of: (Int, RecordOutcome).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await self.record(call, cause: outage)) }
            }
            var outcomes = [RecordOutcome](repeating: .lost, count: calls.count)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct JournalTests {
    @Test(arguments: JournalSettings.Durability.allCases)
    func whatIsRecordedOutlivesTheProcess(_ durability: JournalSettings.Durability) async throws {
        let fixture = try JournalFixture()
        let calls = try UncheckedCall.fresh(200)
        let first = try fixture.open { $0.durability = durability }
        #expect(await first.recordAll(calls).allSatisfy { $0 == .recorded })
        #expect(first.status.records == 200)
        #expect(first.status.oldest == calls[0].admittedAt)
        // As after kill -9: the files as they are now, without the first journal's locks.
        let other = try JournalFixture()
        for name in fixture.folder.names { try other.folder.write(fixture.folder.read(name), to: name) }
        let second = try other.open()
        defer { second.close() }
        #expect(second.status.records == 200)
        await other.drain(second)
        #expect(other.ledgerHolds(calls))
        #expect(other.folder.names.isEmpty)
        first.close()
        #expect(fixture.folder.names.count == 1)
    }

    @Test func aSegmentIsPrivateToItsUser() async throws {
        let fixture = try JournalFixture()
        let path = fixture.folder.path + "/a/b"
        let journal = try fixture.open { $0.directory = path }
        #expect(try await journal.record(.fresh(), cause: outage) == .recorded)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        let name = try JournalDirectory(path).segments().map(\.name)
        #expect(stat("\(path)/\(name[0])", &status) == 0 && status.st_mode & 0o777 == 0o600)
        await fixture.drain(journal)
        journal.close()
        rmdir(path)
        rmdir(fixture.folder.path + "/a")
    }

    @Test func twoJournalsShareADirectory() async throws {
        let fixture = try JournalFixture()
        let first = try fixture.open()
        let second = try fixture.open { $0.replica = "replica-2" }
        let calls = try UncheckedCall.fresh(100)
        _ = await first.recordAll(Array(calls[..<60]))
        _ = await second.recordAll(Array(calls[60...]))
        // Neither takes the other's while it is there.
        let third = try fixture.open()
        #expect(third.status.records == 0)
        await fixture.drain(second)
        #expect(fixture.ledger.count == 40)
        first.close()
        let fourth = try fixture.open()
        #expect(fourth.status.records == 60)
        await fixture.drain(fourth)
        #expect(fixture.ledgerHolds(calls))
        #expect(fixture.ledger.state.withLock { $0.replicas } == ["replica-1", "replica-2"])
        for journal in [second, third, fourth] { journal.close() }
    }

    @Test func aReplayTakesOverWhatAnotherLeaves() async throws {
        let fixture = try JournalFixture()
        let first = try fixture.open()
        let second = try fixture.open { $0.rescanInterval = .milliseconds(1) }
        let calls = try UncheckedCall.fresh(10)
        _ = await first.recordAll(calls)
        let replay = Task { await second.replay(into: fixture.ledger) { true } }
        first.close()
        await fixture.ledger.wait { $0.rows.count == 10 }
        replay.cancel()
        await replay.value
        second.close()
        #expect(fixture.ledgerHolds(calls))
    }

    @Test func segmentsRoll() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open { $0.segmentBytes = 4_096 }
        let calls = try UncheckedCall.fresh(500)
        for call in calls { #expect(await journal.record(call, cause: outage) == .recorded) }
        let reports = try JournalDirectory(fixture.folder.path).segments()
        #expect(reports.count > 5)
        #expect(reports.allSatisfy { $0.bytes <= 4_096 && $0.state == .held && $0.damage.isEmpty })
        #expect(reports.reduce(0) { $0 + $1.records } == 500)
        #expect(journal.status.bytes == reports.reduce(0) { $0 + Int64($1.bytes) })
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(calls))
        #expect(fixture.folder.names.isEmpty)
    }

    @Test func aFullJournalTakesNoMore() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open { $0.maximumBytes = 65_536 }
        let outcomes = await journal.recordAll(try UncheckedCall.fresh(2_000))
        let recorded = outcomes.filter { $0 == .recorded }.count
        #expect(recorded > 500 && recorded < 1_000)
        #expect(journal.status.trouble == .full)
        #expect(journal.status.lost == 2_000 - Int64(recorded))
        #expect(fixture.log.state.withLock { $0.lost } == [.full: 2_000 - recorded])
        #expect(journal.status.bytes <= 65_536)
        await fixture.drain(journal)
        #expect(fixture.ledger.count == recorded)
        #expect(try await journal.record(.fresh(), cause: outage) == .recorded)
        journal.close()
    }

    @Test func aFullJournalRefusesIfToldSo() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open {
            $0.maximumBytes = 65_536
            $0.whenFull = .refuse
        }
        let outcomes = await journal.recordAll(try UncheckedCall.fresh(2_000))
        #expect(outcomes.contains(.refused(StoreError(.unrecorded, "the journal is full"))))
        #expect(!outcomes.contains(.lost))
        #expect(journal.status.lost == 0)
        journal.close()
    }

    @Test func aClosedJournalTakesNoMore() async throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        journal.close()
        #expect(try await journal.record(.fresh(), cause: outage) == .lost)
        #expect(journal.status.trouble == .closed)
        journal.close()
    }

    @Test func aFileIsNoDirectory() throws {
        let fixture = try JournalFixture()
        try fixture.folder.write([], to: "file")
        for path in [fixture.folder.path + "/file", fixture.folder.path + "/file/below"] {
            let error = #expect(throws: JournalError.self) { _ = try Journal(JournalSettings(directory: path)) }
            #expect(error?.description.contains(path) == true)
            #expect(throws: JournalError.self) { _ = try JournalDirectory(path) }
        }
    }

    @Test func aDirectoryThatTakesNoFilesIsReported() throws {
        let fixture = try JournalFixture()
        fixture.disk.set { $0.create = EROFS }
        let error = #expect(throws: JournalError.self) { _ = try fixture.open() }
        #expect(error?.description.contains("Read-only file system") == true)
    }

    @Test func settingsOutOfRangeAreNamed() throws {
        let fixture = try JournalFixture()
        let changes: [(String, (inout JournalSettings) -> Void)] = [
            ("directory", { $0.directory = "" }), ("maximumBytes", { $0.maximumBytes = 1 }),
            ("segmentBytes", { $0.segmentBytes = 1 << 30 }), ("replayShare", { $0.replayShare = 0 }),
            ("replayShare", { $0.replayShare = .nan }), ("replayBatch", { $0.replayBatch = 1_001 }),
            ("replica", { $0.replica = String(repeating: "x", count: 257) }),
            ("maximumWait", { $0.maximumWait = .zero }),
        ]
        for (setting, change) in changes {
            let error = #expect(throws: JournalError.self) { _ = try fixture.open(change) }
            #expect(error?.description.contains(setting) == true)
        }
    }
}
